package org.pganalytics.schema;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the migrations below {@code schema/}, forward only.
 *
 * <p>Servers of this version and the one before it run side by side, so migrations of a later version are no error. Once
 * a later version has removed something, its migration raises {@code schema_floor}, and older servers refuse to start.
 */
public final class Migrator {
    private static final Logger LOG = LoggerFactory.getLogger(Migrator.class);
    /** "pgan schm" in ASCII; any number will do that nobody else takes. */
    private static final long LOCK = 0x7067616e_7363686dL;

    private static final String LOCATION = "classpath:schema";
    private static final Duration LOCK_WAIT_MAX = Duration.ofMinutes(5);

    private final Vertx vertx;
    private final DataSource source;
    private final String location;

    /** @param source as the role that owns the tables, without a statement timeout */
    public Migrator(Vertx vertx, DataSource source) {
        this(vertx, source, LOCATION);
    }

    Migrator(Vertx vertx, DataSource source, String location) {
        this.vertx = vertx;
        this.source = source;
        this.location = location;
    }

    /**
     * What was done.
     *
     * @param before version found, empty in a new database
     * @param now version that the database has
     * @param applied what was applied, in its order, such as {@code 0301 targets and families}
     */
    public record Outcome(String before, String now, List<String> applied) {}

    /** Completes when the database fits this server; fails with STORE_DOWN, saying why. */
    public Future<Outcome> migrate() {
        var worker = vertx.createSharedWorkerExecutor("pganalytics-schema", 1, 30, TimeUnit.MINUTES);
        return worker.executeBlocking(this::migrateAlone, false).eventually(worker::close);
    }

    private Outcome migrateAlone() {
        try (var guard = source.getConnection()) {
            execute(guard, "SET lock_timeout = '%dms'".formatted(LOCK_WAIT_MAX.toMillis()));
            execute(guard, "SELECT pg_advisory_lock(%d)".formatted(LOCK));
            var nothingToDo = current(guard);
            return nothingToDo.isPresent() ? nothingToDo.get() : migrate(flyway(), guard);
        } catch (SQLException e) {
            throw Fault.STORE_DOWN.because("the schema cannot be brought up to date: " + e.getMessage(), e);
        } catch (FlywayException e) {
            throw Fault.STORE_DOWN.because("a migration failed, nothing of it was kept: " + e.getMessage(), e);
        }
    }

    /** Without Flyway, where it would find nothing to do; empty where it has to be asked. */
    private Optional<Outcome> current(Connection guard) throws SQLException {
        try {
            var ours = OwnMigrations.in(location.replaceFirst("^classpath:", ""));
            var floor = floor(guard);
            if (ours.isEmpty()
                    || !floor.isEmpty() && ours.get().newest().compareTo(MigrationVersion.fromVersion(floor)) < 0) {
                return Optional.empty();
            }
            return ours.get().appliedTo(guard).map(now -> new Outcome(now.getVersion(), now.getVersion(), List.of()));
        } catch (IOException unreadable) {
            LOG.debug("the migrations cannot be read here, Flyway will", unreadable);
            return Optional.empty();
        }
    }

    private Outcome migrate(Flyway flyway, Connection guard) throws SQLException {
        String before = current(flyway);
        refuseWhenTooOld(flyway, guard);
        var result = flyway.migrate();
        var applied = result.migrations.stream()
                .map(migration -> migration.version + " " + migration.description)
                .toList();
        applied.forEach(migration -> LOG.info("applied the migration {}", migration));
        return new Outcome(before, current(flyway), applied);
    }

    private Flyway flyway() {
        var configuration = Flyway.configure()
                .dataSource(source)
                .locations(location)
                .table("schema_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                // Each room numbers its own migrations, so a lower number may come later.
                .outOfOrder(true)
                .ignoreMigrationPatterns("*:future")
                .validateMigrationNaming(true);
        // CREATE INDEX CONCURRENTLY would wait for ever for the transaction of a transactional lock.
        configuration
                .getPluginRegister()
                .getExact(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration.load();
    }

    private static String current(Flyway flyway) {
        MigrationInfo current = flyway.info().current();
        return current == null || current.getVersion() == null
                ? ""
                : current.getVersion().getVersion();
    }

    private static void refuseWhenTooOld(Flyway flyway, Connection guard) throws SQLException {
        var newest = Arrays.stream(flyway.info().all())
                .filter(migration -> migration.getScript() != null && isOurs(migration))
                .map(MigrationInfo::getVersion)
                .max(MigrationVersion::compareTo)
                .orElse(MigrationVersion.EMPTY);
        String floor = floor(guard);
        if (!floor.isEmpty() && newest.compareTo(MigrationVersion.fromVersion(floor)) < 0) {
            throw Fault.STORE_DOWN.because(
                    "the database needs a server that knows schema version %s or later, this one knows %s: upgrade it"
                            .formatted(floor, newest));
        }
    }

    private static boolean isOurs(MigrationInfo migration) {
        return migration.getState().isResolved() && migration.getVersion() != null;
    }

    private static String floor(Connection guard) throws SQLException {
        try (var statement = guard.createStatement()) {
            try (var known = statement.executeQuery("SELECT to_regclass('public.schema_floor') IS NOT NULL")) {
                if (!known.next() || !known.getBoolean(1)) {
                    return "";
                }
            }
            try (var floor = statement.executeQuery("SELECT version FROM public.schema_floor")) {
                return floor.next() ? floor.getString(1) : "";
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}

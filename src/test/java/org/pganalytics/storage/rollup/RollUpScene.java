package org.pganalytics.storage.rollup;

import static org.pganalytics.database.TestServer.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.http.Contract;
import org.pganalytics.http.LocalCalls;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;
import org.pganalytics.query.FamilyRoutes;
import org.pganalytics.query.QueryConfig;
import org.pganalytics.storage.tables.FamilyTables;
import org.pganalytics.storage.tables.RollUpConfig;
import org.pganalytics.storage.tables.TablesConfig;

/** A database with our families, rows that are written past the store, and roll-ups that are made when told to. */
final class RollUpScene implements AutoCloseable {
    private static final ClusterConfig FAST = new ClusterConfig(
            Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofMinutes(1));
    static final List<MetricFamily> FAMILIES = FamilyFiles.load(Path.of("conf/families"));

    final Vertx vertx = Vertx.vertx();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final TestDatabase database;
    final Pool pool;
    final FamilyTables tables;
    final RollUps rollUps;
    final RollUpConfig config;
    private final LocalCalls calls;
    private final StringBuilder written = new StringBuilder();
    /** A noon before yesterday: whatever the hour of the run, that day does not end soon. */
    final Instant base = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofHours(36));

    RollUpScene(TestDatabase database) {
        this(database, config(Duration.ofDays(31), Duration.ofDays(400)));
    }

    RollUpScene(TestDatabase database, RollUpConfig config) {
        this.database = database;
        this.config = config;
        pool = database.pool(vertx, 4);
        tables = new FamilyTables(vertx, pool, await(Tier.detect(pool, false)), TablesConfig.defaults());
        await(tables.prepare(FAMILIES.stream()
                .filter(family -> List.of(
                                "pg_stat_database", "pg_stat_statements", "pg_statement_text", "database_size")
                        .contains(family.name()))
                .toList()));
        rollUps = new RollUps(new Leadership(vertx, database.connecting(), "roll-ups", FAST), pool, config, meters);
        await(vertx.deployVerticle(rollUps));
        calls = new LocalCalls(Contract.ofClassPath(), new Principal("test", Role.ADMIN));
        var query = new QueryConfig(2, 50, Duration.ofSeconds(60), Duration.ofDays(400), 100_000, 4 << 20);
        new FamilyRoutes(pool, query, Clock.systemUTC()).mount(calls);
    }

    /** Nothing is rolled up by itself. */
    static RollUpConfig config(Duration minutes, Duration hours) {
        return new RollUpConfig(Duration.ofMinutes(5), Duration.ZERO, 1, 3, 45, minutes, hours);
    }

    int target() {
        var collector = UUID.randomUUID();
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'c')".formatted(collector));
        database.execute("INSERT INTO target (collector_id, name) VALUES ('%s', 't')".formatted(collector));
        return (int) database.number("SELECT max(target_id) FROM target");
    }

    /** Makes room for the rows of that time. */
    void room(String family, Instant time) {
        await(tables.ensure(family, time.atOffset(ZoneOffset.UTC).toLocalDate()));
    }

    /** Rows of one collection, and the note that the store makes in their transaction. @param rows each after the time */
    void collect(String family, int target, Instant time, String columns, List<String> rows) {
        var values = rows.stream()
                .map(row -> "('%s', %d, %s)".formatted(time, target, row))
                .collect(java.util.stream.Collectors.joining(", "));
        written.append("INSERT INTO metrics.%1$s (time, target_id, %2$s) VALUES %3$s; %4$s;\n"
                .formatted(family, columns, values, note(family, target, time)));
    }

    static String note(String family, int target, Instant time) {
        return "INSERT INTO roll_up_due (families, family_of, targets, minutes) VALUES ('{%s}', '{1}', '{%d}', '{%d}')"
                .formatted(family, target, Math.floorDiv(time.getEpochSecond(), 60L));
    }

    /** Writes what was collected since, all at once: there is much of it. */
    private void flush() {
        if (written.length() > 0) {
            database.execute(written.toString());
            written.setLength(0);
        }
    }

    /** Until nothing more is due. */
    void rollUp() {
        flush();
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> await(rollUps.run()), Optional.of(false)::equals);
    }

    JsonObject ask(String operation, String family, Map<String, String> query) {
        flush();
        var lists = query.entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, entry -> List.of(entry.getValue())));
        return await(calls.ask(operation, family == null ? Map.of() : Map.of("family", family), lists));
    }

    @Override
    public void close() {
        await(pool.close());
        await(vertx.close());
        database.close();
    }
}

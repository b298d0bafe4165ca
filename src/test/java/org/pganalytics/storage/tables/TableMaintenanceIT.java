package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;
import static org.pganalytics.storage.tables.TestFamilies.dictionary;
import static org.pganalytics.storage.tables.TestFamilies.int8;
import static org.pganalytics.storage.tables.TestFamilies.samples;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;

/** Room is made before rows come, and given back when their time is over. */
class TableMaintenanceIT {
    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);
    private static final ClusterConfig FAST = new ClusterConfig(
            Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofMinutes(1));

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private TestDatabase database;
    private Pool pool;
    private Tier tier;
    private FamilyTables tables;

    @BeforeEach
    void create() {
        database = TestDatabase.create().migrated();
        pool = database.pool(vertx, 4);
        tier = await(Tier.detect(pool, false));
        tables = new FamilyTables(vertx, pool, tier, TablesConfig.defaults());
    }

    @AfterEach
    void close() {
        await(pool.close());
        await(vertx.close());
        database.close();
    }

    private TableMaintenance deployed(TablesConfig config) {
        var leadership = new Leadership(vertx, database.connecting(), "maintenance", FAST);
        var maintenance = new TableMaintenance(
                leadership, tier, new TableMaintenance.Keeping(config, RollUpConfig.defaults()), tables, meters);
        await(vertx.deployVerticle(maintenance));
        return maintenance;
    }

    private MaintenanceRun runOf(TableMaintenance maintenance) {
        return Awaitility.await()
                .until(() -> await(maintenance.run()), Optional::isPresent)
                .get();
    }

    private long partitionsOf(String family) {
        return database.number(
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'metrics.%s'::regclass".formatted(family));
    }

    @Test
    void whatIsPastItsRetentionIsDroppedAndNothingElse() {
        await(tables.prepare(List.of(
                samples("short", Duration.ofDays(2), int8("hits")),
                samples("long", Duration.ofDays(30), int8("hits")))));
        for (int ago : new int[] {1, 2, 3, 4, 9}) {
            await(tables.ensure("short", TODAY.minusDays(ago)));
            await(tables.ensure("long", TODAY.minusDays(ago)));
            for (var family : List.of("short", "long")) {
                database.execute("INSERT INTO metrics.%s (time, target_id) VALUES (now() - interval '%d days', 1)"
                        .formatted(family, ago));
            }
        }

        var run = runOf(deployed(TablesConfig.defaults()));

        assertEquals(new MaintenanceRun(0, 3, 0, java.util.Map.of()), run);
        assertEquals(4 + 2, partitionsOf("short"));
        assertEquals(4 + 5, partitionsOf("long"));
        assertEquals(0, database.number("SELECT count(*) FROM metrics.short WHERE time < now() - interval '3 days'"));
        assertEquals(2, database.number("SELECT count(*) FROM metrics.short"));
        assertEquals(5, database.number("SELECT count(*) FROM metrics.long"));
    }

    @Test
    void partitionsAreMadeAheadForFamiliesNoLongerDeclaredToo() {
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        await(tables.prepare(List.of(samples("other", int8("hits")))));

        var run = runOf(deployed(new TablesConfig(6, Duration.ofMinutes(10), Duration.ofSeconds(2), 10, 10, 100, 500)));

        assertEquals(6, run.made());
        assertEquals(7, partitionsOf("thing"));
        assertEquals(7, partitionsOf("other"));
    }

    @Test
    void textsNotSentForTheirRetentionAreForgotten() {
        await(tables.prepare(List.of(dictionary("texts", Duration.ofDays(10)))));
        database.execute("INSERT INTO metrics.texts (target_id, queryid, query, last_sent)"
                + " SELECT 1, i, 'SELECT', now() - interval '11 days' FROM generate_series(1, 12000) i");
        database.execute("INSERT INTO metrics.texts (target_id, queryid, query) VALUES (2, 1, 'SELECT')");

        var run = runOf(deployed(TablesConfig.defaults()));

        assertEquals(12_000, run.forgotten());
        assertEquals(1, database.number("SELECT count(*) FROM metrics.texts"));
    }

    @Test
    void aTableSomebodyHoldsIsLeftForTheNextRun() throws Exception {
        await(tables.prepare(List.of(
                samples("held", Duration.ofDays(2), int8("hits")), samples("long", Duration.ofDays(2), int8("hits")))));
        await(tables.ensure("held", TODAY.minusDays(9)));
        await(tables.ensure("long", TODAY.minusDays(9)));
        var maintenance =
                deployed(new TablesConfig(3, Duration.ofMinutes(10), Duration.ofMillis(100), 10, 10, 100, 500));
        try (var holder = database.connect();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT * FROM metrics.held");

            var run = runOf(maintenance);

            assertEquals(1, run.dropped());
            assertTrue(run.failures().get("held").contains("lock timeout"), run::toString);
            holder.rollback();
        }
        assertEquals(1, runOf(maintenance).dropped());
    }

    @Test
    void onlyOneOfTwoServersDoesIt() {
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        var one = deployed(TablesConfig.defaults());
        runOf(one);
        var other = deployed(TablesConfig.defaults());

        assertEquals(Optional.empty(), await(other.run()));

        database.executeAsSuperuser("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        Awaitility.await()
                .until(() -> await(one.run()).isPresent() ^ await(other.run()).isPresent());
    }
}

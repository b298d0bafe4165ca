package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;
import static org.pganalytics.storage.tables.TestFamilies.int8;
import static org.pganalytics.storage.tables.TestFamilies.samples;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.storage.tables.FamilyTable.Layout;

/** The same promises on TimescaleDB; {@code src/test/scripts/timescale-root} starts one and prints the URL. */
@EnabledIfEnvironmentVariable(named = "PGANALYTICS_TIMESCALE_URL", matches = "postgres.+")
class TimescaleIT {
    private final Vertx vertx = Vertx.vertx();
    private TestDatabase database;
    private Pool pool;
    private Tier tier;
    private FamilyTables tables;

    @BeforeEach
    void create() {
        database = TestDatabase.createAt(System.getenv("PGANALYTICS_TIMESCALE_URL"))
                .migrated();
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

    @Test
    void aFamilyIsAHypertableThatGrowsAndTakesRowsOfAnyDay() {
        assertTrue(tier.hasHypertables(), tier::toString);
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        await(tables.ensure("thing", LocalDate.now(ZoneOffset.UTC).minusDays(6)));
        database.execute(
                "INSERT INTO metrics.thing SELECT now() - interval '1 day' * i, 1, i FROM generate_series(0, 6) i");

        await(tables.prepare(List.of(samples("thing", int8("hits"), int8("misses")))));

        assertEquals(Map.of(), tables.problems());
        assertEquals(Layout.HYPERTABLE, tables.lookup("thing").orElseThrow().layout());
        assertEquals(7, database.number("SELECT count(*) FROM metrics.thing WHERE misses IS NULL"));
        assertEquals(
                7,
                database.number(
                        "SELECT count(*) FROM timescaledb_information.chunks" + " WHERE hypertable_name = 'thing'"));
    }

    @Test
    void chunksPastTheirRetentionAreDropped() {
        await(tables.prepare(List.of(samples("thing", Duration.ofDays(2), int8("hits")))));
        database.execute(
                "INSERT INTO metrics.thing SELECT now() - interval '1 day' * i, 1, i FROM generate_series(0, 6) i");
        var leadership =
                new Leadership(vertx, database.address().connectOptions(), "maintenance", ClusterConfig.defaults());
        var maintenance =
                new TableMaintenance(leadership, tier, TablesConfig.defaults(), tables, new SimpleMeterRegistry());
        await(vertx.deployVerticle(maintenance));

        var run = Awaitility.await()
                .until(() -> await(maintenance.run()), Optional::isPresent)
                .get();

        assertEquals(new MaintenanceRun(0, 4, 0, Map.of()), run);
        assertEquals(3, database.number("SELECT count(*) FROM metrics.thing"));
    }

    @Test
    void aTableMadeBeforeTimescaleCameStaysAsItIs() {
        database.execute("CREATE TABLE metrics.old (time timestamptz NOT NULL, target_id integer NOT NULL, hits int8)"
                + " PARTITION BY RANGE (time)");

        await(tables.prepare(List.of(samples("old", int8("hits")))));

        assertEquals(Layout.DAILY_PARTITIONS, tables.lookup("old").orElseThrow().layout());
        database.execute("INSERT INTO metrics.old VALUES (now(), 1, 1)");
    }
}

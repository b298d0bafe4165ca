package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
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
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.storage.tables.FamilyTable.Layout;

/** The same promises on TimescaleDB; {@code src/test/scripts/timescale-root} starts one and prints the URL. */
@EnabledIfEnvironmentVariable(named = "PGANALYTICS_TIMESCALE_URL", matches = "postgres.+")
class TimescaleIT {
    private static final String POLICY = " WHERE proc_name = 'policy_compression' AND hypertable_name = 'thing'";
    private static final String COMPRESSED = "SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed";

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

        assertEquals(new MaintenanceRun(0, 4, 0, Map.of()), maintenanceRuns());
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

    private MaintenanceRun maintenanceRuns() {
        var leadership = new Leadership(vertx, database.connecting(), "maintenance", ClusterConfig.defaults());
        var maintenance = new TableMaintenance(
                leadership,
                tier,
                new TableMaintenance.Keeping(TablesConfig.defaults(), RollUpConfig.defaults()),
                tables,
                new SimpleMeterRegistry());
        await(vertx.deployVerticle(maintenance));
        return Awaitility.await()
                .until(() -> await(maintenance.run()), Optional::isPresent)
                .get();
    }

    private void needsCommunity() {
        assumeTrue(tier.kind() == Tier.Kind.TIMESCALE_COMMUNITY, "this TimescaleDB has no columnstore: " + tier);
    }

    @Test
    void theApacheLicenceHasHypertablesWithoutAColumnstore() {
        assumeTrue(tier.kind() == Tier.Kind.TIMESCALE, "this TimescaleDB has a columnstore: " + tier);
        await(tables.prepare(List.of(samples("thing", int8("hits")))));

        assertEquals(0, tables.lookup("thing").orElseThrow().directRows());
        assertEquals(
                0,
                database.number("SELECT count(*) FROM timescaledb_information.hypertables WHERE compression_enabled"));
    }

    @Test
    void aFamilyHasAColumnstoreThatIsOrderedByWhatItsRowsAreAbout() {
        needsCommunity();
        var family =
                samples("thing", new Column("order", ColumnType.TEXT, ColumnRole.KEY), int8("hits"), keyOf("queryid"));
        await(tables.prepare(List.of(family)));
        await(tables.prepare(List.of(family)));

        assertEquals(500, tables.lookup("thing").orElseThrow().directRows());
        assertEquals(
                "[[target_id, \"order\",queryid,\"time\"]]",
                database.rows("SELECT segmentby, orderby FROM timescaledb_information.hypertable_columnstore_settings"
                                + " WHERE hypertable = 'metrics.thing'::regclass")
                        .toString());
        assertEquals(1, database.number("SELECT count(*) FROM timescaledb_information.jobs" + POLICY));
    }

    @Test
    void aColumnstoreStaysAsSomebodyHasSetIt() {
        needsCommunity();
        var family = samples("thing", int8("hits"), keyOf("queryid"));
        await(tables.prepare(List.of(family)));
        database.execute("ALTER TABLE metrics.thing SET (timescaledb.orderby = 'time DESC')");
        database.execute("CALL remove_columnstore_policy('metrics.thing')");

        await(tables.prepare(List.of(family)));

        assertEquals(
                "[[\"time\" DESC]]",
                database.rows("SELECT orderby FROM timescaledb_information.hypertable_columnstore_settings"
                                + " WHERE hypertable = 'metrics.thing'::regclass")
                        .toString());
        assertEquals(0, database.number("SELECT count(*) FROM timescaledb_information.jobs" + POLICY));
    }

    @Test
    void aChunkWhoseDayIsOverBecomesColumnsAndStillTakesRowsAndColumnsUntilItsTimeIsOver() {
        needsCommunity();
        await(tables.prepare(List.of(samples("thing", Duration.ofDays(5), int8("hits"), keyOf("queryid")))));
        database.execute("INSERT INTO metrics.thing SELECT now() - interval '1 day' * d, 1, i, i % 7"
                + " FROM generate_series(0, 6) d, generate_series(1, 1000) i");
        policyRuns();
        assertEquals(5, database.number(COMPRESSED));

        await(tables.prepare(
                List.of(samples("thing", Duration.ofDays(5), int8("hits"), keyOf("queryid"), int8("misses")))));
        database.execute("INSERT INTO metrics.thing SELECT now() - interval '3 days', 1, 1001, 3, 9");
        policyRuns();

        assertEquals(Map.of(), tables.problems());
        assertEquals(9, database.number("SELECT sum(misses) FROM metrics.thing"));
        assertEquals(7_001, database.number("SELECT count(*) FROM metrics.thing"));
        assertEquals(7 * 500_500 + 1_001, database.number("SELECT sum(hits) FROM metrics.thing"));
        assertEquals(new MaintenanceRun(0, 1, 0, Map.of()), maintenanceRuns());
        assertEquals(6_001, database.number("SELECT count(*) FROM metrics.thing"));
    }

    @Test
    void tablesFromUnderTheApacheLicenceGetTheirColumnstoreWithTheirRowsInPlace() {
        needsCommunity();
        var apache = new Tier(Tier.Kind.TIMESCALE, tier.serverMajor(), tier.serverVersion(), tier.timescaleVersion());
        var before = new FamilyTables(vertx, pool, apache, TablesConfig.defaults());
        await(before.prepare(List.of(samples("thing", int8("hits")))));
        database.execute(
                "INSERT INTO metrics.thing SELECT now() - interval '1 day' * i, 1, i FROM generate_series(0, 6) i");

        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        policyRuns();

        assertEquals(5, database.number(COMPRESSED));
        assertEquals(7, database.number("SELECT count(*) FROM metrics.thing"));
    }

    private void policyRuns() {
        long job = database.number("SELECT job_id FROM timescaledb_information.jobs" + POLICY);
        database.execute("CALL run_job(%d)".formatted(job));
    }

    private static Column keyOf(String name) {
        return new Column(name, ColumnType.INT8, ColumnRole.KEY);
    }
}

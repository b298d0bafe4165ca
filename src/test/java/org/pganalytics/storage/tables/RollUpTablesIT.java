package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.database.TestServer.await;
import static org.pganalytics.storage.tables.TestFamilies.int8;
import static org.pganalytics.storage.tables.TestFamilies.samples;
import static org.pganalytics.storage.tables.TestFamilies.text;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.model.RollUp.Level;

/** The tables of roll-ups follow a family's declaration, and what they hold goes when its time is over, not before. */
class RollUpTablesIT {
    private static final ClusterConfig FAST = new ClusterConfig(
            Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofMinutes(1));

    private final Vertx vertx = Vertx.vertx();
    private TestDatabase database;
    private Pool pool;
    private Tier tier;
    private FamilyTables tables;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @BeforeEach
    void create() {
        var url = System.getenv("PGANALYTICS_TIMESCALE_URL");
        database = (url == null ? TestDatabase.create() : TestDatabase.createAt(url)).migrated();
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

    private List<String> columns(String table) {
        return database
                .rows("SELECT attname FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 4 ORDER BY attnum"
                        .formatted(table))
                .stream()
                .map(row -> row.get(0).toString())
                .toList();
    }

    @Test
    void aColumnThatAFamilyGainsItsRollUpsGainToo() {
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        await(tables.prepare(List.of(samples("thing", int8("hits"), text("note"), int8("c".repeat(63))))));

        for (var level : Level.values()) {
            var found = columns(level.table("thing"));
            assertEquals(List.of("hits:grown", "note:last"), found.subList(0, 2));
            assertEquals(3, found.size());
            assertEquals(
                    0, columns("metrics.thing").stream().filter(found::contains).count());
        }
    }

    @Test
    void whatTheFamilyHadBeforeItHadRollUpsTheyHaveToo() {
        await(tables.prepare(List.of(samples("thing", text("note"), text("old")))));
        await(tables.prepare(List.of(samples("thing", int8("hits"), text("note")))));

        for (var level : Level.values()) {
            assertEquals(List.of("note:last", "old:last", "hits:grown"), columns(level.table("thing")));
        }
    }

    @Test
    void aFamilyOfTextsOnlyHasNone() {
        await(tables.prepare(List.of(samples("thing", text("note")))));
        assertEquals(0, database.number("SELECT count(*) FROM pg_tables WHERE schemaname LIKE 'metrics\\_%'"));
        assertEquals(0, database.number("SELECT count(*) FROM metric_family WHERE roll_up_every IS NOT NULL"));
    }

    @Test
    void whatIsThereWhenAFamilyBeginsToHaveRollUpsIsDue() {
        await(tables.prepare(List.of(samples("thing", text("note")))));
        var collector = UUID.randomUUID();
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'c')".formatted(collector));
        database.execute(
                "INSERT INTO target (collector_id, name) VALUES ('%1$s', 'a'), ('%1$s', 'b')".formatted(collector));
        database.execute("INSERT INTO metrics.thing (time, target_id) SELECT to_timestamp(60.0 * minute), 1"
                + " FROM (VALUES (%1$d), (%1$d + 7)) AS two (minute)"
                        .formatted(Instant.now().getEpochSecond() / 60));

        for (int twice = 0; twice < 2; twice++) {
            await(tables.prepare(List.of(samples("thing", int8("hits"), text("note")))));
            assertEquals(
                    List.of(List.of(1, 8)),
                    database.rows("SELECT target_id, upper(pending) - lower(pending) FROM roll_up_work"));
        }
    }

    /** Of a family that had roll-ups before there were any by ten minutes, older ones are not there. */
    @Test
    void tensOfAFamilyThatHadRollUpsBeforeBeginLater() {
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        assertEquals(List.of(List.of(true)), database.rows("SELECT tens_from = to_timestamp(0) FROM metric_family"));
        rollUps(Level.MINUTE, 0);
        database.execute("DROP TABLE metrics_ten.thing; UPDATE metric_family SET tens_from = NULL");
        await(tables.prepare(List.of(samples("thing", int8("hits"), text("note")))));
        assertEquals(
                List.of(List.of(true)),
                database.rows("SELECT tens_from > now() + interval '50 minutes' FROM metric_family"));
    }

    private void maintained(RollUpConfig rollUp) {
        var leadership = new Leadership(vertx, database.connecting(), "maintenance", FAST);
        var keeping = new TableMaintenance.Keeping(TablesConfig.defaults(), rollUp);
        var maintenance = new TableMaintenance(leadership, tier, keeping, tables, meters);
        await(vertx.deployVerticle(maintenance));
        Awaitility.await().until(() -> await(maintenance.run()), Optional::isPresent);
    }

    private void rollUps(Level level, int daysAgo) {
        var time = Instant.now().minus(Duration.ofDays(daysAgo));
        await(pool.withTransaction(tx -> RollUpTables.ensure(tx, level, "thing", List.of(time))));
        database.execute("INSERT INTO %s (time, target_id, \":covered\", \":samples\") VALUES ('%s', 1, 1, 1)"
                .formatted(level.table("thing"), time));
    }

    private List<Long> daysAgo(Level level) {
        return database
                .rows("SELECT round(extract(epoch FROM now() - time) / 86400)::int8 FROM %s ORDER BY 1"
                        .formatted(level.table("thing")))
                .stream()
                .map(row -> (Long) row.get(0))
                .toList();
    }

    private static RollUpConfig keeping(Duration minutes, Duration hours) {
        return new RollUpConfig(Duration.ofMinutes(5), Duration.ZERO, 1, 10, 60, minutes, hours);
    }

    @Test
    void rollUpsGoWhenTheirTimeIsOver() {
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        List.of(0, 5, 9, 90).forEach(day -> rollUps(Level.MINUTE, day));
        List.of(0, 90, 190).forEach(day -> rollUps(Level.HOUR, day));
        List.of(0, 90).forEach(day -> rollUps(Level.TEN, day));

        maintained(keeping(Duration.ofDays(7), Duration.ofDays(120)));

        assertEquals(List.of(0L, 5L), daysAgo(Level.MINUTE));
        assertEquals(List.of(0L, 90L), daysAgo(Level.HOUR));
        assertEquals(List.of(0L), daysAgo(Level.TEN));
        assertEquals(
                4,
                meters.counter("pganalytics.storage.tables.partitions.dropped").count());
        // Between them, whatever a tier's partitions are.
        assertEquals(
                List.of(List.of(true, true)),
                database.rows("SELECT minutes_from BETWEEN now() - interval '9 days' AND now() - interval '5 days',"
                        + " hours_from BETWEEN now() - interval '190 days' AND now() - interval '90 days'"
                        + " FROM metric_family"));
    }

    @Test
    void minutesOfWhichHoursAreStillToBeMadeStay() {
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        List.of(0, 9, 20).forEach(day -> rollUps(Level.MINUTE, day));
        database.execute("INSERT INTO roll_up_work (family, level, target_id, pending) SELECT 'thing', 'hour', 1,"
                + " int4multirange(int4range(hour, hour + 1))"
                + " FROM (SELECT (extract(epoch FROM now() - interval '10 days') / 3600)::int4 AS hour) AS old");

        maintained(keeping(Duration.ofDays(7), Duration.ofDays(120)));

        assertEquals(List.of(0L, 9L), daysAgo(Level.MINUTE));
    }
}

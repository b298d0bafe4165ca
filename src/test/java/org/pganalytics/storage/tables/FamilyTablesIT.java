package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;
import static org.pganalytics.storage.tables.TestFamilies.dictionary;
import static org.pganalytics.storage.tables.TestFamilies.int8;
import static org.pganalytics.storage.tables.TestFamilies.samples;
import static org.pganalytics.storage.tables.TestFamilies.text;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.tables.FamilyTable.Layout;

/** Tables follow their declarations, and never lose anything by it. */
class FamilyTablesIT {
    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

    private final Vertx vertx = Vertx.vertx();
    private TestDatabase database;
    private Pool pool;

    @BeforeEach
    void create() {
        use(TestDatabase.create().migrated());
    }

    private void use(TestDatabase fresh) {
        database = fresh;
        pool = database.pool(vertx, 8);
    }

    @AfterEach
    void close() {
        await(pool.close());
        database.close();
        await(vertx.close());
    }

    private FamilyTables tables() {
        return new FamilyTables(vertx, pool, await(Tier.detect(pool, false)), TablesConfig.defaults());
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void aDeclaredFamilyTakesRowsFromTodayOn(int major) {
        await(pool.close());
        database.close();
        use(TestDatabase.create(major).migrated());
        var tables = tables();

        await(tables.prepare(List.of(samples("thing", int8("hits"), text("user")))));

        database.execute("INSERT INTO metrics.thing (time, target_id, hits, \"user\") VALUES (now(), 1, 5, 'me'),"
                + " (now() + interval '3 days', 1, NULL, NULL)");
        assertEquals(
                Layout.DAILY_PARTITIONS, tables.lookup("thing").orElseThrow().layout());
        assertEquals(
                Map.of("hits", ColumnType.INT8, "user", ColumnType.TEXT),
                tables.lookup("thing").orElseThrow().columns());
        assertEquals(
                4,
                database.number("SELECT count(*) FROM pg_inherits" + " WHERE inhparent = 'metrics.thing'::regclass"));
        assertEquals(
                4,
                database.number("SELECT count(*) FROM pg_indexes WHERE schemaname = 'metrics' AND tablename ~ '_p2'"),
                "one index a partition");
    }

    @Test
    void whatIsDeclaredIsRememberedWithEveryForm() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        await(tables.prepare(List.of(samples("thing", Duration.ofDays(9), int8("hits"), int8("misses")))));
        await(tables.prepare(List.of(samples("thing", Duration.ofDays(9), int8("hits"), int8("misses")))));

        assertEquals(2, database.number("SELECT count(*) FROM family_schema"));
        assertEquals(9, database.number("SELECT extract(day FROM justify_hours(retention)) FROM metric_family"));
    }

    @Test
    void aNewColumnIsAddedAndNoneIsTakenAway() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing", int8("old")))));
        database.execute("INSERT INTO metrics.thing (time, target_id, old) VALUES (now(), 1, 7)");

        await(tables.prepare(List.of(samples("thing", int8("new")))));

        assertEquals(7, database.number("SELECT old FROM metrics.thing WHERE new IS NULL"));
        assertEquals(
                Map.of("old", ColumnType.INT8, "new", ColumnType.INT8),
                tables.lookup("thing").orElseThrow().columns());
    }

    @Test
    void aColumnIsAddedWhileOthersInsert() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        var stop = new AtomicBoolean();
        var writers = IntStream.range(0, 4).mapToObj(i -> insertUntil(stop)).toList();

        for (int i = 0; i < 5; i++) {
            await(tables.prepare(List.of(samples("thing", int8("hits"), int8("more" + i)))));
        }
        stop.set(true);

        long inserted = writers.stream().mapToLong(writer -> await(writer)).sum();
        assertTrue(inserted > 0);
        assertEquals(inserted, database.number("SELECT count(*) FROM metrics.thing"));
        assertEquals(6, tables.lookup("thing").orElseThrow().columns().size());
    }

    private Future<Long> insertUntil(AtomicBoolean stop) {
        return pool.query("INSERT INTO metrics.thing (time, target_id, hits) VALUES (now(), 1, 1)")
                .execute()
                .compose(done -> stop.get()
                        ? Future.succeededFuture(1L)
                        : insertUntil(stop).map(more -> more + 1));
    }

    @Test
    void aTypeThatDisagreesStopsThatFamilyOnly() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing", int8("hits")))));

        await(tables.prepare(List.of(samples("thing", text("hits")), samples("other", int8("hits")))));

        assertTrue(tables.lookup("thing").isEmpty());
        assertEquals(
                Map.of(
                        "thing",
                        "column hits of metrics.thing is int8 in the database and text in its declaration:"
                                + " give the column a new name"),
                tables.problems());
        assertTrue(tables.lookup("other").isPresent());
    }

    @Test
    void aTableThatIsNotOursIsLeftAlone() {
        database.execute("CREATE TABLE metrics.thing (mine text)");
        var tables = tables();

        await(tables.prepare(List.of(samples("thing", int8("hits")))));

        assertTrue(tables.problems().get("thing").contains("is no table of samples"), tables.problems()::toString);
        assertEquals(
                1,
                database.number("SELECT count(*) FROM pg_attribute WHERE attrelid = 'metrics.thing'::regclass"
                        + " AND attnum > 0"));
    }

    @Test
    void aNameThatCouldBeAPartitionsIsRefused() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing_p20260101", int8("hits")))));
        assertTrue(tables.problems().get("thing_p20260101").contains("_pYYYYMMDD"));
    }

    @Test
    void namesAsLongAsTheyMayBeWork() {
        String family = "f".repeat(48);
        var tables = tables();
        await(tables.prepare(List.of(samples(family, int8("c".repeat(63)), int8("select")))));
        assertEquals(Map.of(), tables.problems());
        database.execute("INSERT INTO metrics." + family + " (time, target_id, \"select\") VALUES (now(), 1, 1)");
    }

    @Test
    void lateRowsFindAPlaceMadeOnDemandOnce() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        var late = TODAY.minusDays(5);

        await(Future.all(IntStream.range(0, 20)
                .mapToObj(i -> tables.ensure("thing", late))
                .toList()));
        await(tables.ensure("thing", late));

        database.execute("INSERT INTO metrics.thing (time, target_id) VALUES (now() - interval '5 days', 1)");
        assertEquals(
                1,
                database.number(
                        "SELECT count(*) FROM metrics.thing_p" + late.toString().replace("-", "")));
    }

    @Test
    void aRestoredDatabaseIsNoticed() {
        var tables = tables();
        await(tables.prepare(List.of(samples("thing", int8("hits")))));
        database.execute("DROP TABLE metrics.thing CASCADE");
        long before = tables.generation();

        await(tables.refresh());

        assertTrue(tables.generation() > before);
        database.execute("INSERT INTO metrics.thing (time, target_id) VALUES (now(), 1)");
    }

    @Test
    void serversThatStartAtOnceDoNotFight() {
        List<MetricFamily> families = List.of(
                samples("one", int8("hits")), samples("two", int8("hits")), dictionary("texts", Duration.ofDays(90)));
        var starts = new ArrayList<Future<Void>>();
        var servers = IntStream.range(0, 4).mapToObj(i -> tables()).toList();
        servers.forEach(server -> starts.add(server.prepare(families)));

        await(Future.all(starts));

        servers.forEach(server -> assertEquals(Map.of(), server.problems()));
        assertEquals(
                8,
                database.number("SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent"
                        + " WHERE c.relkind = 'p'"));
    }

    @Test
    void aDictionaryKeepsOneTextATargetAndKey() {
        var tables = tables();
        await(tables.prepare(List.of(dictionary("texts", Duration.ofDays(90)))));

        for (int i = 0; i < 2; i++) {
            database.execute("INSERT INTO metrics.texts (target_id, queryid, query) VALUES (1, 5, 'SELECT'),"
                    + " (2, 5, 'SELECT') ON CONFLICT (target_id, queryid) DO NOTHING");
        }

        assertEquals(2, database.number("SELECT count(*) FROM metrics.texts WHERE last_sent <= now()"));
        assertEquals(Layout.WHOLE, tables.lookup("texts").orElseThrow().layout());
        await(tables.ensure("texts", TODAY));
    }

    @Test
    void anUndeclaredFamilyHasNoPlace() {
        var failure = assertThrows(FaultException.class, () -> await(tables().ensure("nothing", TODAY)));
        assertEquals(Fault.UNKNOWN_FAMILY, failure.fault());
    }
}

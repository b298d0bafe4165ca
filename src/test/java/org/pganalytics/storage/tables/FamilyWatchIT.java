package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;
import static org.pganalytics.storage.tables.TestFamilies.dictionary;
import static org.pganalytics.storage.tables.TestFamilies.int8;
import static org.pganalytics.storage.tables.TestFamilies.samples;
import static org.pganalytics.storage.tables.TestFamilies.text;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;

/** What one server declares, the others can store. */
class FamilyWatchIT {
    private static final Duration NEVER = Duration.ofHours(1);

    private final Vertx vertx = Vertx.vertx();
    private final TestDatabase database = TestDatabase.create().migrated();
    private final Pool pool = database.pool(vertx, 8);
    private final FamilyTables theirs = tables();
    private final FamilyTables ours = tables();
    private final FamilyWatch watch = new FamilyWatch(vertx, pool, ours);

    private FamilyTables tables() {
        return new FamilyTables(vertx, pool, await(Tier.detect(pool, false)), TablesConfig.defaults());
    }

    @BeforeEach
    void oneIsOurs() {
        await(ours.prepare(List.of(samples("own", int8("hits")))));
    }

    @AfterEach
    void close() {
        watch.stop();
        await(pool.close());
        database.close();
        await(vertx.close());
    }

    @Test
    void aFamilyOfAnotherServerIsThereAfterTheFirstLook() {
        await(theirs.prepare(List.of(samples("thing", Duration.ofDays(5), int8("hits"), text("user")))));

        await(watch.start(NEVER));

        var table = ours.lookup("thing").orElseThrow();
        assertEquals(Map.of("hits", ColumnType.INT8, "user", ColumnType.TEXT), table.columns());
        assertEquals(Duration.ofDays(5), table.family().retention());
        assertEquals(FamilyTable.Layout.DAILY_PARTITIONS, table.layout());
        await(ours.ensure("thing", LocalDate.now(ZoneOffset.UTC).minusDays(2)));
        database.execute("INSERT INTO metrics.thing (time, target_id, hits) VALUES (now() - interval '2 days', 1, 5)");
    }

    @Test
    void whatComesWhileItRunsIsFoundWithoutBeingTold() {
        await(watch.start(Duration.ofMillis(100)));

        await(theirs.prepare(List.of(samples("thing", int8("hits")), dictionary("words", Duration.ofDays(5)))));

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        ours.lookup("thing").isPresent() && ours.lookup("words").isPresent());
        var words = ours.lookup("words").orElseThrow();
        assertEquals(FamilyTable.Layout.WHOLE, words.layout());
        assertEquals(MetricFamily.Kind.DICTIONARY, words.family().kind());
        assertEquals("queryid", words.family().dictionaryKey());
    }

    @Test
    void aNewerServersColumnIsTakenAndOurDeclarationStays() {
        await(watch.start(NEVER));
        var before = ours.lookup("own").orElseThrow().family();

        await(theirs.prepare(List.of(samples("own", Duration.ofDays(1), int8("hits"), int8("misses")))));
        watch.look();

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> ours.lookup("own").orElseThrow().column("misses").isPresent());
        assertEquals(before, ours.lookup("own").orElseThrow().family());
    }

    @Test
    void whatADeclarationOfOursCannotAgreeWithStaysAsItIs() {
        await(theirs.prepare(List.of(samples("thing", text("hits")))));
        await(ours.prepare(List.of(samples("thing", int8("hits")), samples("own", int8("hits")))));

        await(watch.start(NEVER));

        assertTrue(ours.lookup("thing").isEmpty());
        assertEquals(Set.of("thing"), ours.problems().keySet());
    }

    @Test
    void aFamilyThatTheDatabaseKnowsNoMoreIsForgotten() {
        await(theirs.prepare(List.of(samples("thing", int8("hits")))));
        await(watch.start(NEVER));

        database.execute("DELETE FROM family_schema WHERE family = 'thing';"
                + " DELETE FROM metric_family WHERE family IN ('thing', 'own')");
        watch.look();

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> ours.lookup("thing").isEmpty());
        assertTrue(ours.lookup("own").isPresent(), "of our own");
    }

    /** Reading what is there anew, which every server does at its start, is no news. */
    @Test
    void theDatabaseTellsOfADeclarationOnce() {
        var told = new CopyOnWriteArrayList<String>();
        var listener = await(PgConnection.connect(vertx, database.address().connectOptions()));
        listener.notificationHandler(notice -> told.add(notice.getPayload()));
        await(listener.query("LISTEN " + FamilyWatch.CHANNEL).execute());

        await(theirs.prepare(List.of(samples("own", int8("hits")), samples("thing", int8("hits")))));

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> told.contains("thing"));
        await(theirs.prepare(List.of(samples("own", int8("hits")), samples("thing", int8("hits")))));
        await(theirs.prepare(List.of(samples("last", int8("hits")))));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> told.contains("last"));
        // One for the family and one for its form, which a transaction tells as one.
        assertEquals(List.of("thing", "last"), told);
        await(listener.close());
    }
}

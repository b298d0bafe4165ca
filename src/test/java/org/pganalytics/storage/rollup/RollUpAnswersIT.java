package org.pganalytics.storage.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;

/** A question has one answer, whether it is read from the rows or from what they were rolled up to. */
class RollUpAnswersIT {
    private RollUpScene scene;

    @BeforeEach
    void open() {
        scene = new RollUpScene(database());
    }

    /** By the environment on TimescaleDB as well. */
    private static TestDatabase database() {
        var url = System.getenv("PGANALYTICS_TIMESCALE_URL");
        return (url == null ? TestDatabase.create() : TestDatabase.createAt(url)).migrated();
    }

    @AfterEach
    void close() {
        scene.close();
    }

    /** @param late gets the moments of some collections that are held back; or null */
    private void statements(int target, StatementHistory history, Instant from, int minutes, List<Instant> late) {
        for (int half = 0; half < 2 * minutes; half++) {
            var time = history.moment(from, half);
            var rows = history.collected(time, half % 120 == 0);
            // A gap of three hours: nobody collects.
            boolean gap = minutes > 300 && half > minutes && half < minutes + 360;
            if (rows.isEmpty() || gap) {
                continue;
            }
            if (late != null && history.oneIn(40)) {
                late.add(time);
            } else {
                scene.collect("pg_stat_statements", target, time, StatementHistory.COLUMNS, rows);
            }
        }
    }

    private JsonObject buckets(String family, int target, Instant from, Instant to, String bucket) {
        return scene.ask(
                "listBuckets",
                family,
                Map.of(
                        "target",
                        String.valueOf(target),
                        "from",
                        from.toString(),
                        "to",
                        to.toString(),
                        "bucket",
                        bucket,
                        "limit",
                        "1000"));
    }

    private static TreeMap<String, JsonObject> byPlace(JsonObject page) {
        var rows = new TreeMap<String, JsonObject>();
        for (var row : page.getJsonArray("rows")) {
            var json = (JsonObject) row;
            rows.put(json.getString("time") + json.getJsonObject("keys"), json.getJsonObject("values"));
        }
        return rows;
    }

    private static void assertSame(JsonObject expected, JsonObject actual) {
        var others = byPlace(actual);
        assertEquals(byPlace(expected).keySet(), others.keySet());
        byPlace(expected)
                .forEach((place, values) -> values.forEach(column -> {
                    var other = others.get(place).getJsonObject(column.getKey());
                    ((JsonObject) column.getValue())
                            .forEach(value -> assertClose(
                                    value.getValue(),
                                    other.getValue(value.getKey()),
                                    place + " " + column.getKey() + " " + value));
                }));
    }

    private static void assertClose(Object expected, Object actual, String what) {
        if (expected instanceof Double number && actual instanceof Double other) {
            assertEquals(number, other, Math.abs(number) * 1e-9 + 1e-12, what);
        } else {
            assertEquals(expected, actual, what);
        }
    }

    private static List<String> readFrom(JsonObject page) {
        return page.getJsonArray("read_from").stream()
                .map(part -> ((JsonObject) part).getString("of"))
                .toList();
    }

    private static boolean hasRows(JsonObject page) {
        return !page.getJsonArray("rows").isEmpty();
    }

    @Test
    void bucketsOfRollUpsAreThoseOfTheRows() {
        int target = scene.target();
        int other = scene.target();
        scene.room("pg_stat_statements", scene.base);
        scene.room("pg_stat_statements", scene.base.plus(Duration.ofDays(1)));
        statements(target, new StatementHistory(1), scene.base, 400, null);
        statements(other, new StatementHistory(2), scene.base.plusSeconds(600), 90, null);
        var to = scene.base.plus(Duration.ofHours(7)).plusSeconds(60);
        var asked = List.of("1m", "5m", "10m", "30m", "90m", "1h", "3h", "1d");

        var before = new HashMap<String, JsonObject>();
        asked.forEach(bucket -> before.put(bucket, buckets("pg_stat_statements", target, scene.base, to, bucket)));
        before.values().forEach(page -> assertTrue(readFrom(page).contains("rows")));
        scene.rollUp();

        for (var bucket : asked) {
            var after = buckets("pg_stat_statements", target, scene.base, to, bucket);
            assertTrue(hasRows(after));
            assertFalse(
                    readFrom(after).contains("rows") && !bucket.equals("1d"), after.getJsonArray("read_from")::encode);
            assertSame(before.get(bucket), after);
        }
        assertEquals(
                List.of("hours", "minutes", "rows"),
                readFrom(buckets("pg_stat_statements", target, scene.base, to.plusSeconds(1), "1h")));
        assertEquals(
                List.of("hours", "ten_minutes", "minutes"),
                readFrom(buckets("pg_stat_statements", target, scene.base, to.plusSeconds(25 * 60), "1h")));
        assertEquals(0, scene.database.number("SELECT count(*) FROM roll_up_due"));
        assertEquals(0, scene.database.number("SELECT count(*) FROM roll_up_work"));
    }

    @Test
    void whatComesLateIsInTheRollUpsAfterwards() {
        int target = scene.target();
        scene.room("pg_stat_statements", scene.base);
        var history = new StatementHistory(3);
        var late = new ArrayList<Instant>();
        statements(target, history, scene.base, 200, late);
        scene.rollUp();
        var to = scene.base.plus(Duration.ofHours(4));
        var without = buckets("pg_stat_statements", target, scene.base, to, "1m");

        for (var time : late) {
            scene.collect(
                    "pg_stat_statements",
                    target,
                    time,
                    StatementHistory.COLUMNS,
                    List.of(history.another(1), history.another(5), history.another(11)));
        }
        var asked = List.of("1m", "10m", "1h");
        var before = new HashMap<String, JsonObject>();
        asked.forEach(bucket -> before.put(bucket, buckets("pg_stat_statements", target, scene.base, to, bucket)));
        assertTrue(readFrom(before.get("1m")).contains("rows"), "changed, and not yet rolled up");
        scene.rollUp();

        for (var bucket : asked) {
            var after = buckets("pg_stat_statements", target, scene.base, to, bucket);
            assertFalse(readFrom(after).contains("rows"));
            assertSame(before.get(bucket), after);
        }
        assertFalse(byPlace(without).equals(byPlace(buckets("pg_stat_statements", target, scene.base, to, "1m"))));
    }

    @Test
    void theTopIsTheSameFromRowsAndFromRollUpsAndHasItsTexts() {
        int target = scene.target();
        scene.room("pg_stat_statements", scene.base);
        statements(target, new StatementHistory(4), scene.base, 280, null);
        scene.database.execute(
                "INSERT INTO metrics.pg_statement_text (target_id, queryid, query) VALUES (%d, 0, 'SELECT 0')"
                        .formatted(target));
        var query = Map.of(
                "target",
                String.valueOf(target),
                "by",
                "total_exec_time",
                "columns",
                "calls",
                "from",
                scene.base.plusSeconds(77).toString(),
                "to",
                scene.base.plusSeconds(4 * 3_600 + 1_234).toString(),
                "limit",
                "5");
        var before = scene.ask("listTop", "pg_stat_statements", query);
        scene.rollUp();
        var after = scene.ask("listTop", "pg_stat_statements", query);

        assertEquals(List.of("minutes", "ten_minutes", "hours", "ten_minutes", "rows"), readFrom(after));
        assertEquals(5, after.getJsonArray("rows").size());
        assertSameTop(before.getJsonArray("rows"), after.getJsonArray("rows"));
        var texts = after.getJsonArray("rows").stream()
                .map(JsonObject.class::cast)
                .filter(row -> row.getJsonObject("keys").getString("queryid").equals("0"))
                .map(row -> row.getJsonObject("texts").getString("query"))
                .toList();
        assertEquals(List.of("SELECT 0"), texts);
    }

    private static void assertSameTop(JsonArray expected, JsonArray actual) {
        for (int i = 0; i < expected.size(); i++) {
            var one = expected.getJsonObject(i);
            var other = actual.getJsonObject(i);
            assertEquals(one.getJsonObject("keys"), other.getJsonObject("keys"));
            for (var column : List.of("total_exec_time", "calls")) {
                assertClose(
                        one.getJsonObject("grown").getValue(column),
                        other.getJsonObject("grown").getValue(column),
                        column);
            }
        }
    }
}

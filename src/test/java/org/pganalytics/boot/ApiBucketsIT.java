package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.boot.SampleRows.at;
import static org.pganalytics.boot.SampleRows.rows;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rows in buckets over the API of a whole server, each answer held to the contract. */
class ApiBucketsIT {
    private static ApiServer server;
    private static ApiClient api;
    private static SampleRows samples;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of());
        api = server.client;
        samples = new SampleRows(server);
    }

    @AfterAll
    static void stop() throws Exception {
        samples.close();
        server.close();
    }

    private static JsonObject buckets(String target, int from, int to, String... more) throws Exception {
        var parameters = new ArrayList<>(List.of(
                "family", "pg_stat_database", "target", target, "from", at(from).toString(), "to", at(to).toString()));
        parameters.addAll(List.of(more));
        return api.ok("listBuckets", parameters.toArray(String[]::new));
    }

    private static Object value(JsonObject row, String column, String what) {
        return row.getJsonObject("values").getJsonObject(column).getValue(what);
    }

    @Test
    void aCounterBecomesARateThatAResetDoesNotMakeNegative() throws Exception {
        var target = samples.target();
        long[] counter = {100, 160, 220, 5, 65, 125, 185};
        for (int i = 0; i < counter.length; i++) {
            samples.sample(target, 10 * i, "shop", "xact_commit, blk_read_time", counter[i] + ", " + counter[i] + ".5");
        }
        var rows = rows(buckets(target, 0, 70, "bucket", "10s", "columns", "xact_commit,blk_read_time"));
        assertEquals(7, rows.size());
        assertNull(value(rows.get(0), "xact_commit", "rate"), "nothing came before");
        assertEquals(6.0, value(rows.get(1), "xact_commit", "rate"));
        assertEquals(0.5, value(rows.get(3), "xact_commit", "rate"), "5 since the reset, in 10 s");
        assertEquals(0.55, (Double) value(rows.get(3), "blk_read_time", "rate"), 1e-9);
        assertEquals(6.0, value(rows.get(4), "xact_commit", "rate"));
        assertEquals(
                new JsonObject().put("datid", String.valueOf("shop".hashCode())).put("datname", "shop"),
                rows.get(4).getJsonObject("keys"));

        var whole = rows(buckets(target, 0, 60, "bucket", "1m", "columns", "xact_commit"));
        assertEquals(1, whole.size());
        assertEquals((60 + 60 + 5 + 60 + 60) / 50.0, (Double) value(whole.get(0), "xact_commit", "rate"), 1e-9);
        var later = rows(buckets(target, 30, 60, "bucket", "30s", "columns", "xact_commit"));
        assertEquals(125 / 30.0, (Double) value(later.get(0), "xact_commit", "rate"), 1e-9, "the sample before counts");
    }

    @Test
    void aStatementThatWasEvictedAndHasOvertakenItsOldCountersBeganAnew() throws Exception {
        var target = samples.target();
        samples.statement(target, 0, 100, null);
        samples.statement(target, 10, 160, -5);
        samples.statement(target, 20, 200, 15);
        samples.statement(target, 30, 230, 15);
        samples.statement(target, 40, 20, null);
        var rows = rows(api.ok(
                "listBuckets",
                "family",
                "pg_stat_statements",
                "target",
                target,
                "from",
                at(0).toString(),
                "to",
                at(50).toString(),
                "columns",
                "calls",
                "bucket",
                "10s"));
        var rates = rows.stream().map(row -> value(row, "calls", "rate")).toList();
        assertEquals(Arrays.asList(null, 6.0, 20.0, 3.0, 2.0), rates);
    }

    @Test
    void aSeriesThatIsSentOnlyWhenItMovedHasTheRateOfItsBucket() throws Exception {
        var target = samples.target();
        for (int i = 0; i <= 12; i++) {
            samples.sample(target, 10 * i, "busy", "xact_commit", String.valueOf(1_000 * i));
        }
        samples.sample(target, 0, "rare", "xact_commit", "100");
        samples.sample(target, 110, "rare", "xact_commit", "160");
        var rows = rows(buckets(target, 60, 120, "bucket", "1m", "columns", "xact_commit", "filter", "datname=rare"));
        assertEquals(1, rows.size());
        assertEquals(1.0, (Double) value(rows.get(0), "xact_commit", "rate"), 1e-9, "60 in the 60 s of the bucket");
    }

    @Test
    void gaugesHaveTheirSpreadAndOtherValuesTheLast() throws Exception {
        var target = samples.target();
        samples.sample(
                target,
                1,
                "shop",
                "numbackends, size_bytes, stats_reset",
                "2, 9007199254740993, '2026-01-01 00:00+00'");
        samples.sample(target, 2, "shop", "numbackends, size_bytes, stats_reset", "4, null, '2026-01-02 00:00+00'");
        samples.sample(target, 3, "shop", "numbackends, size_bytes, stats_reset", "9, null, null");
        var row = rows(buckets(target, 0, 60, "columns", "numbackends,size_bytes,stats_reset,temp_files"))
                .get(0);
        assertEquals(at(0).toString(), row.getString("time"));
        assertEquals(
                new JsonObject().put("avg", 5.0).put("min", 2.0).put("max", 9.0),
                row.getJsonObject("values").getJsonObject("numbackends"));
        assertEquals(9.007199254740992E15, value(row, "size_bytes", "max"));
        assertEquals("2026-01-02T00:00:00Z", value(row, "stats_reset", "last"));
        assertNull(value(row, "temp_files", "rate"));
    }

    @Test
    void pagesOfBucketsHoldEachOnce() throws Exception {
        var target = samples.target();
        for (int i = 0; i < 6; i++) {
            for (int database = 0; database < 7; database++) {
                samples.sample(target, 10 * i, "db" + database, "numbackends", String.valueOf(i));
            }
        }
        for (int limit : new int[] {1, 5, 42, 1_000}) {
            var seen = new ArrayList<String>();
            var parameters = new String[] {"bucket", "10s", "limit", String.valueOf(limit), "columns", "numbackends"};
            var page = buckets(target, 0, 60, parameters);
            while (true) {
                rows(page)
                        .forEach(row -> seen.add(row.getString("time")
                                + row.getJsonObject("keys").getString("datname")));
                if (page.getString("next") == null) {
                    break;
                }
                var next = new ArrayList<>(List.of(parameters));
                next.addAll(List.of("cursor", page.getString("next")));
                page = buckets(target, 0, 60, next.toArray(String[]::new));
            }
            assertEquals(42, seen.size(), "limit " + limit);
            assertEquals(42, new HashSet<>(seen).size(), "limit " + limit);
        }
    }

    @Test
    void bucketsBeginAtMultiplesOfTheirLengthAndAreLimited() throws Exception {
        var target = samples.target();
        samples.sample(target, 5, "shop", "numbackends", "1");
        var page = buckets(target, 7, 60, "bucket", "1m", "columns", "numbackends");
        assertEquals(at(0).toString(), page.getString("from"));
        assertEquals(60, page.getInteger("bucket_seconds"));
        assertEquals(1, rows(page).size());
        for (var wrong : List.of("0s", "1", "m", "-1m", "1w", "32d", "9999999d", "1m; SELECT")) {
            var answer = api.ask("listBuckets", null, "family", "pg_stat_database", "target", target, "bucket", wrong);
            assertEquals(400, answer.status(), wrong);
            assertTrue(answer.detail().contains("bucket"), answer::detail);
        }
        var many = api.ask("listBuckets", null, "family", "pg_stat_database", "target", target, "bucket", "1s");
        assertEquals(400, many.status());
        assertTrue(many.detail().contains("allowed are 2000"), many::detail);
        var gauge =
                api.ask("listBuckets", null, "family", "pg_stat_database", "target", target, "filter", "numbackends=1");
        assertTrue(gauge.detail().contains("[datid, datname]"), gauge::detail);
    }

    @Test
    void aFamilyWithoutKeysHasOneSeriesAndEveryFamilyCanBeAsked() throws Exception {
        var target = samples.target();
        server.database.execute(
                "INSERT INTO metrics.pg_stat_bgwriter (target_id, time) VALUES (%s, '%s')".formatted(target, at(1)));
        samples.changed("pg_stat_bgwriter", target, 1);
        for (var family : api.ok("listFamilies").getJsonArray("families")) {
            var name = ((JsonObject) family).getString("family");
            api.ok("listRows", "family", name, "target", target);
            if (((JsonObject) family).getString("kind").equals("samples")) {
                var page = api.ok(
                        "listBuckets",
                        "family",
                        name,
                        "target",
                        target,
                        "from",
                        at(0).toString(),
                        "to",
                        at(60).toString());
                assertEquals(
                        name.equals("pg_stat_bgwriter") ? 1 : 0,
                        page.getJsonArray("rows").size(),
                        name);
            }
        }
    }
}

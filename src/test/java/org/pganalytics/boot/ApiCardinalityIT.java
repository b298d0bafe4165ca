package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.NativeJson;

/** Who creates most series, asked over HTTP and on the command line. */
class ApiCardinalityIT {
    private static final String DAY = "2026-01-31";

    @TempDir
    private static Path folder;

    private static ApiServer server;
    private static BesideDatabase beside;
    private static String one;
    private static String other;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of("PGANALYTICS_SERIES_PER_FAMILY_MAX", "2"));
        beside = new BesideDatabase(server.database, folder);
        one = server.client.register(ApiServer.SECRET, "one").getString("collector_id");
        other = server.client.register(ApiServer.SECRET, "other").getString("collector_id");
        count(one, "tables", 900, 0, null);
        count(one, "statements", 100, 7, "family");
        count(one, "statements", 80, 5, null);
        count(other, "tables", 901, 0, null);
        count(other, "statements", 100, 2, "collector");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** As a run of a server writes it. */
    private static void count(String collector, String family, int series, int folded, String bound) {
        server.database.execute(
                "INSERT INTO series_count VALUES ('%s', '%s', '%s', '%s', %d, 1000, %d, 1, %s, now() - interval '%d s')"
                        .formatted(
                                DAY,
                                collector,
                                family,
                                UUID.randomUUID(),
                                series,
                                folded,
                                bound == null ? "NULL" : "'" + bound + "'",
                                series));
    }

    private static List<String> shown(JsonArray entries) {
        return entries.stream()
                .map(JsonObject.class::cast)
                .map(entry -> "%s %s %s of %s, %s folded, %s"
                        .formatted(
                                entry.getString("name"),
                                entry.getString("family"),
                                entry.getString("series"),
                                entry.getString("series_max"),
                                entry.getString("folded_rows"),
                                entry.getString("limited_by")))
                .toList();
    }

    @Test
    void thoseWithFoldedRowsComeFirstAndRunsOfServersAreOne() throws Exception {
        var all = server.client.ok("listCardinality", "day", DAY);

        assertEquals(DAY, all.getString("day"));
        assertEquals(
                List.of(
                        "one statements 100 of 1000, 12 folded, family",
                        "other statements 100 of 1000, 2 folded, collector",
                        "other tables 901 of 1000, 0 folded, null",
                        "one tables 900 of 1000, 0 folded, null"),
                shown(all.getJsonArray("entries")));
        assertEquals("2", all.getJsonArray("entries").getJsonObject(0).getString("unfollowed_rows"));
    }

    @Test
    void pagesAndConditionsHold() throws Exception {
        var seen = new ArrayList<String>();
        var page = server.client.ok("listCardinality", "day", DAY, "limit", "1");
        seen.addAll(shown(page.getJsonArray("entries")));
        while (page.getString("next") != null) {
            page = server.client.ok("listCardinality", "day", DAY, "limit", "1", "cursor", page.getString("next"));
            seen.addAll(shown(page.getJsonArray("entries")));
        }
        assertEquals(shown(server.client.ok("listCardinality", "day", DAY).getJsonArray("entries")), seen);
        assertEquals(
                List.of("other tables 901 of 1000, 0 folded, null"),
                shown(server.client
                        .ok("listCardinality", "day", DAY, "collector", other, "family", "tables")
                        .getJsonArray("entries")));
    }

    /** Two of four statements are folded; together they are read to be called as often as if each had its row. */
    @Test
    void theRatesOfAllTogetherAreThoseOfAll() throws Exception {
        var identity = server.client.register(ApiServer.SECRET, "rates");
        var headers =
                Map.of("Content-Type", "application/json", "Authorization", "Bearer " + identity.getString("token"));
        var from = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(1));
        push(headers, from.plusSeconds(600));
        var target = server.client
                .ok("listTargets", "name", "rates")
                .getJsonArray("targets")
                .getJsonObject(0)
                .getInteger("target_id");
        var buckets = server.client.ok(
                "listBuckets",
                "family",
                "pg_stat_statements",
                "target",
                target.toString(),
                "bucket",
                "1h",
                "columns",
                "calls",
                "from",
                from.toString(),
                "to",
                from.plus(Duration.ofHours(1)).toString());
        var rates = new TreeMap<String, Double>();
        buckets.getJsonArray("rows").stream()
                .map(JsonObject.class::cast)
                .forEach(row -> rates.put(
                        String.valueOf(row.getJsonObject("keys").getString("queryid")),
                        row.getJsonObject("values").getJsonObject("calls").getDouble("rate")));
        assertEquals(Map.of("1", 0.5, "2", 0.5, "null", 1.0), rates);
    }

    private static void push(Map<String, String> headers, Instant from) throws Exception {
        var instance = UUID.randomUUID().toString();
        var opened = server.client.send("position", headers, new byte[0], "instance", instance);
        assertEquals(200, opened.status(), opened::text);
        for (int moment = 0; moment < 3; moment++) {
            var blocks = List.of(statements(from.plusSeconds(10L * moment), 5L * moment));
            var body = NativeJson.encode(new BatchPosition(1, moment + 1, moment + 1), List.of(), blocks);
            assertEquals(
                    200, server.client.send("push", headers, body.getBytes()).status());
        }
    }

    private static ColumnBlock statements(Instant at, long calls) {
        var keys =
                Stream.of("dbid", "userid", "queryid").map(name -> new Column(name, ColumnType.INT8, ColumnRole.KEY));
        var columns = Stream.concat(keys, Stream.of(new Column("calls", ColumnType.INT8, ColumnRole.COUNTER)));
        var same = new ColumnVector.Longs(new long[] {1, 1, 1, 1}, new BitSet());
        return new ColumnBlock(
                FamilySchema.of("pg_stat_statements", columns.toList()),
                "rates",
                at.toEpochMilli() * 1_000,
                4,
                List.of(
                        same,
                        same,
                        new ColumnVector.Longs(new long[] {1, 2, 3, 4}, new BitSet()),
                        new ColumnVector.Longs(new long[] {calls, calls, calls, calls}, new BitSet())));
    }

    @Test
    void aDayThatThereIsNotIsRefused() throws Exception {
        for (var day : List.of("2026-02-30", "0000-01-01", "today")) {
            var refused = server.client.ask("listCardinality", null, "day", day);
            assertEquals(400, refused.status(), day);
            assertTrue(refused.detail().contains("'day'"), refused::detail);
        }
    }

    @Test
    void theCommandSaysTheSame() throws Exception {
        assertEquals(
                server.client.ok("listCardinality", "day", DAY),
                new JsonObject(beside.run(0, "cardinality", "--day", DAY, "--json")));
        var told = beside.run(0, "cardinality", "--day", DAY, "--collector", one, "--limit", "1");
        assertTrue(told.contains("one\tstatements\t100\t1000\t12\tfamily"), told);
        assertTrue(told.contains("there are more: --cursor "), told);
        assertTrue(beside.run(1, "cardinality", "--day", "soon").contains("'day'"));
        beside.run(2, "cardinality", "--days", DAY);
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        server = ApiServer.start(Map.of());
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
        assertEquals(new JsonArray(), server.client.ok("listCardinality").getJsonArray("entries"), "today");
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

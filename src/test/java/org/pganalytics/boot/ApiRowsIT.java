package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.boot.SampleRows.at;
import static org.pganalytics.boot.SampleRows.rows;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Families and their rows over the API of a whole server, each answer held to the contract. */
class ApiRowsIT {
    private static ApiServer server;
    private static ApiClient api;
    private static SampleRows samples;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of("PGANALYTICS_QUERY_STATEMENT_TIMEOUT", "2s"));
        api = server.client;
        samples = new SampleRows(server);
    }

    @AfterAll
    static void stop() throws Exception {
        samples.close();
        server.close();
    }

    @Test
    void familiesAreListedAndShownWithTheirColumns() throws Exception {
        var names = api.ok("listFamilies").getJsonArray("families").stream()
                .map(family -> ((JsonObject) family).getString("family"))
                .toList();
        assertTrue(names.containsAll(List.of("pg_stat_database", "pg_stat_statements", "pg_statement_text")));
        var family = api.ok("showFamily", "family", "pg_stat_database");
        assertEquals(30 * 86_400, family.getInteger("retention_seconds"));
        assertTrue(family.getJsonArray("columns")
                .contains(new JsonObject("{\"name\":\"xact_commit\",\"type\":\"int8\",\"role\":\"counter\"}")));
        assertEquals(
                "pg_stat_statements",
                api.ok("showFamily", "family", "pg_statement_text").getString("dictionary_of"));
        assertEquals(404, api.ask("showFamily", null, "family", "nobody").status());
        assertEquals(
                400, api.ask("showFamily", null, "family", "x\" OR true --").status());
    }

    @Test
    void aRowHasItsValuesAsTheContractTypesThem() throws Exception {
        var target = samples.target();
        samples.sample(
                target,
                1,
                "o'brien",
                "numbackends, xact_commit, blk_read_time, blk_write_time, stats_reset",
                "7, 9223372036854775807, 0.5, 'NaN', '2026-01-02 03:04:05.678901+00'");
        var page = rowsOf(
                target,
                "columns",
                "datname,numbackends,xact_commit,blk_read_time,blk_write_time,stats_reset,deadlocks");
        var row = rows(page).get(0);
        assertEquals(
                new JsonObject()
                        .put("time", at(1).toString())
                        .put("datname", "o'brien")
                        .put("numbackends", 7)
                        .put("xact_commit", "9223372036854775807")
                        .put("blk_read_time", 0.5)
                        .put("blk_write_time", "NaN")
                        .put("stats_reset", "2026-01-02T03:04:05.678901Z")
                        .put("deadlocks", null),
                row);
        assertNull(page.getString("next"));
    }

    private static JsonObject rowsOf(String target, String... more) throws Exception {
        var parameters = new ArrayList<>(List.of(
                "family",
                "pg_stat_database",
                "target",
                target,
                "from",
                at(-3_600).toString(),
                "to",
                at(7_200).toString()));
        parameters.addAll(List.of(more));
        return api.ok("listRows", parameters.toArray(String[]::new));
    }

    @Test
    void pagesOfRowsHoldEachOnceWhileOthersAreAdded() throws Exception {
        var target = samples.target();
        for (int moment = 0; moment < 5; moment++) {
            for (int row = 0; row < 9; row++) {
                samples.sample(target, moment, "db" + row, "numbackends", "1");
            }
            // Rows that nothing tells apart.
            samples.sample(target, moment, "same", "numbackends", "1");
            samples.sample(target, moment, "same", "numbackends", "1");
            samples.sample(target, moment, "same", "numbackends", "1");
        }
        for (int limit : new int[] {1, 2, 7, 12, 13, 60}) {
            var seen = new ArrayList<String>();
            var page = rowsOf(target, "filter", "numbackends=1", "limit", String.valueOf(limit));
            for (int pages = 0; ; pages++) {
                assertTrue(rows(page).size() <= limit);
                rows(page).forEach(row -> seen.add(row.getString("time") + row.getString("datname")));
                if (page.getString("next") == null) {
                    break;
                }
                samples.sample(target, -1, "before", "numbackends", "1");
                samples.sample(target, 4, "late%d-%d".formatted(limit, pages), "numbackends", "2");
                page = rowsOf(
                        target,
                        "filter",
                        "numbackends=1",
                        "limit",
                        String.valueOf(limit),
                        "cursor",
                        page.getString("next"));
            }
            var same = seen.stream().filter(row -> row.endsWith("same")).count();
            assertEquals(15, same, "limit " + limit);
            var others = seen.stream().filter(row -> row.matches(".*db\\d")).toList();
            assertEquals(45, others.size(), "limit " + limit);
            assertEquals(45, new HashSet<>(others).size(), "limit " + limit);
            server.database.execute("DELETE FROM metrics.pg_stat_database WHERE datname = 'before'");
        }
    }

    @Test
    void rowsAreFilteredByTheValuesOfTheirColumns() throws Exception {
        var target = samples.target();
        var odd = "a=b&c%2B+'\";--";
        samples.sample(target, 1, odd, "numbackends", "1");
        samples.sample(target, 2, "other", "numbackends", "1");
        samples.sample(target, 3, "other", "numbackends", "2");
        assertEquals(1, rows(rowsOf(target, "filter", "datname=" + odd)).size());
        assertEquals(2, rows(rowsOf(target, "filter", "datname=other")).size());
        assertEquals(
                1,
                rows(rowsOf(target, "filter", "datname=other", "filter", "numbackends=2"))
                        .size());
        assertEquals(0, rows(rowsOf(target, "filter", "datname=")).size());
        assertEquals(
                0, rows(rowsOf(samples.target(), "filter", "datname=other")).size(), "another target");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "filter|datname|must be column=value",
                "filter|nobody=1|must be column=value",
                "filter|=1=1|must be column=value",
                "filter|1=1 OR true=true|must be column=value",
                "filter|numbackends=1 OR 1|the value of numbackends must be a whole number",
                "filter|numbackends=99999999999|the value of numbackends must be a whole number",
                "filter|blk_read_time=1|must be column=value",
                "filter|time=2026-11-21|must be column=value",
                "filter|\"datname\"=x|must be column=value",
                "columns|nobody|has no column nobody",
                "columns|datname; DROP TABLE collector|must be text of the form",
                "columns|*|must be text of the form",
                "from|2026-11-21|must be a time such as",
                "from|2999-01-01T00:00:00Z|must be before",
                "from|1999-01-01T00:00:00Z|longer than a query may ask for",
                "limit|1001|from 1 to 1000",
                "target|0|from 1 to 2147483647",
                "order|time|does not take",
                "cursor|AAAA|'cursor'"
            })
    void whatCannotBeAskedIsRefusedWithWhatCan(String parameter, String value, String detail) throws Exception {
        var target = samples.target();
        var parameters = new ArrayList<>(List.of("family", "pg_stat_database", parameter, value));
        if (!parameter.equals("target")) {
            parameters.addAll(List.of("target", target));
        }
        var answer = api.ask("listRows", null, parameters.toArray(String[]::new));
        assertEquals(400, answer.status(), answer::text);
        assertTrue(answer.detail().contains(detail), answer::detail);
    }

    @Test
    void aTextThatPostgresqlTakesFromNobodyIsRefused() throws Exception {
        var answer = api.ask(
                "listRows",
                null,
                "family",
                "pg_stat_database",
                "target",
                samples.target(),
                "filter",
                "datname=a\u0000b");
        assertEquals(400, answer.status(), answer::text);
    }

    @Test
    void aTargetThatIsNotThereIsSaidToBeAbsent() throws Exception {
        var answer = api.ask("listRows", null, "family", "pg_stat_database", "target", "2147483647");
        assertEquals(404, answer.status());
        assertTrue(answer.detail().contains("no target 2147483647"), answer::detail);
    }

    @Test
    void aDictionaryIsReadByKeyAndHasNoTime() throws Exception {
        var target = samples.target();
        IntStream.range(-5, 20)
                .forEach(n -> server.database.execute(
                        "INSERT INTO metrics.pg_statement_text (target_id, queryid, query) VALUES (%s, %d, 'SELECT %d')"
                                .formatted(target, n * 1_000_000_000_000L, n)));
        var seen = new ArrayList<String>();
        String cursor = null;
        do {
            var page = cursor == null
                    ? api.ok("listRows", "family", "pg_statement_text", "target", target, "limit", "4")
                    : api.ok(
                            "listRows",
                            "family",
                            "pg_statement_text",
                            "target",
                            target,
                            "limit",
                            "4",
                            "cursor",
                            cursor);
            rows(page).forEach(row -> seen.add(row.getString("query")));
            cursor = page.getString("next");
        } while (cursor != null);
        assertEquals(IntStream.range(-5, 20).mapToObj(n -> "SELECT " + n).toList(), seen);
        var one =
                api.ok("listRows", "family", "pg_statement_text", "target", target, "filter", "queryid=7000000000000");
        assertEquals("SELECT 7", rows(one).get(0).getString("query"));
        for (var operation : List.of("listRows", "listBuckets")) {
            var answer =
                    api.ask(operation, null, "family", "pg_statement_text", "target", target, "from", at(0).toString());
            assertEquals(400, answer.status());
            assertTrue(answer.detail().contains("is a dictionary"), answer::detail);
        }
    }

    @Test
    void aPageEndsWhenItsTextsAreLong() throws Exception {
        var target = samples.target();
        server.database.execute("INSERT INTO metrics.pg_statement_text (target_id, queryid, query)"
                + " SELECT %s, n, repeat('x', 1000000) FROM generate_series(1, 8) n".formatted(target));
        var page = api.ok("listRows", "family", "pg_statement_text", "target", target);
        assertEquals(5, rows(page).size());
        var rest =
                api.ok("listRows", "family", "pg_statement_text", "target", target, "cursor", page.getString("next"));
        assertEquals(3, rows(rest).size());
        assertEquals(
                new JsonArray(),
                api.ok("listRows", "family", "pg_statement_text", "target", samples.target())
                        .getJsonArray("rows"));
    }

    @Test
    void aQueryThatTakesTooLongIsEndedAndNoOtherHarmed() throws Exception {
        var target = samples.target();
        try (var connection = server.database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE metrics.pg_locks IN ACCESS EXCLUSIVE MODE");
            var answer = api.ask("listRows", null, "family", "pg_locks", "target", target);
            assertEquals(413, answer.status(), answer::text);
            assertTrue(answer.detail().contains("query.statement-timeout"), answer::detail);
            connection.rollback();
        }
        api.ok("listRows", "family", "pg_locks", "target", target);
    }

    @Test
    void aReadersConnectionCanWriteNothing() throws Exception {
        var pool = server.server.foundation().database().readPool("test", 1, java.time.Duration.ofSeconds(5));
        var failure = pool.query("DELETE FROM collector")
                .execute()
                .map("written")
                .otherwise(Throwable::getMessage)
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        assertTrue(failure.contains("read-only"), failure);
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.http.Call;
import org.pganalytics.http.Contract;
import org.pganalytics.http.Cursor;

/** Cursors that somebody wrote by hand, with the right digest of their request: none reaches what its request may not. */
class ApiCursorIT {
    private static final String ID = UUID.randomUUID().toString();
    private static final Instant TO = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant FROM = TO.minus(Duration.ofHours(2));
    private static final String HASH = "-77";

    private static ApiServer server;
    private static ApiClient api;
    private static SampleRows samples;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of("PGANALYTICS_QUERY_RANGE_MAX", "1d"));
        api = server.client;
        samples = new SampleRows(server);
    }

    @AfterAll
    static void stop() throws Exception {
        samples.close();
        server.close();
    }

    /** @param parameters names and values @param good a position that the request may have */
    private record Asked(String operation, Map<String, Object> parameters, List<String> good) {
        String cursor(List<String> position) {
            var operation = Contract.ofClassPath().operations().stream()
                    .filter(one -> one.id().equals(this.operation))
                    .findFirst()
                    .orElseThrow();
            return Cursor.of(new Call(operation, null, null, parameters, new JsonObject()), position);
        }

        /** The good position with another value at one place. */
        List<String> but(int at, String value) {
            var changed = new ArrayList<>(good);
            changed.set(at, value);
            return changed;
        }

        ApiClient.Answer ask(String cursor) throws Exception {
            var all = new HashMap<>(parameters);
            all.put("cursor", cursor);
            return api.ask(
                    operation,
                    null,
                    all.entrySet().stream()
                            .flatMap(entry ->
                                    Stream.of(entry.getKey(), entry.getValue().toString()))
                            .toArray(String[]::new));
        }

        void refused(String cursor) throws Exception {
            var answer = ask(cursor);
            assertEquals(400, answer.status(), () -> operation + " " + cursor + ": " + answer.text());
            assertTrue(answer.detail().contains("'cursor'"), answer::detail);
        }
    }

    private static Asked rows(String family, List<String> good) {
        return new Asked("listRows", Map.of("family", family, "target", Long.valueOf(samples.target())), good);
    }

    private static Asked buckets() {
        var parameters = Map.<String, Object>of(
                "family", "pg_stat_database", "target", Long.valueOf(samples.target()), "bucket", "5m");
        return new Asked("listBuckets", parameters, place(TO.minus(Duration.ofHours(1)), TO));
    }

    private static List<String> place(Instant from, Instant to) {
        return List.of(from.toString(), to.toString(), from.toString(), HASH, "1");
    }

    private static Stream<Asked> lists() {
        return Stream.of(
                new Asked("listCollectors", Map.of("sort", "name"), List.of("a", ID)),
                new Asked("listCollectors", Map.of("sort", "-registered_at"), List.of(TO.toString(), ID)),
                new Asked("listRollOut", Map.of(), List.of("a", ID)),
                new Asked("listTargets", Map.of(), List.of("1")),
                new Asked("listQuarantine", Map.of(), List.of("1")),
                new Asked("listCardinality", Map.of(), List.of("2026-11-21", "1", "2", ID, "a")),
                rows("pg_statement_text", List.of("1")),
                rows("pg_stat_database", place(TO.minus(Duration.ofHours(1)), TO)),
                buckets());
    }

    @ParameterizedTest
    @MethodSource("lists")
    void whatIsNoPositionOfTheListIsRefused(Asked list) throws Exception {
        assertEquals(200, list.ask(list.cursor(list.good())).status(), "the digest of the others is right");
        for (int at = 0; at < list.good().size(); at++) {
            for (var value : List.of("a\u0000b", "", "now", "NaN", "9".repeat(40), "+999999999-12-31T23:59:59Z")) {
                boolean name = list.good().get(at).equals("a");
                if (!name || value.contains("\u0000")) {
                    list.refused(list.cursor(list.but(at, value)));
                }
            }
            list.refused(list.cursor(list.but(at, null)));
        }
        list.refused(list.cursor(List.of()));
        list.refused(
                list.cursor(Stream.concat(list.good().stream(), Stream.of("1")).toList()));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void whatIsNoCursorAtAllIsRefused(Asked list) throws Exception {
        for (var json :
                List.of("", "null", "{}", "[]", "[null]", "[[]]", "[1,2]", "[".repeat(1_400), "[\"\\u0000\"]")) {
            list.refused("x" + base64(json));
            list.refused(json.isEmpty() ? "=" : base64(json));
        }
        list.refused("%00");
        list.refused("A".repeat(2_000));
        list.refused("A".repeat(2_001));
        list.refused("\u00fc😀");
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void noCursorReachesBeyondTheRangeOfItsRequest() throws Exception {
        var target = Long.valueOf(samples.target());
        for (var operation : List.of("listRows", "listBuckets")) {
            var parameters = new HashMap<String, Object>(Map.of("family", "pg_stat_database", "target", target));
            if (operation.equals("listBuckets")) {
                parameters.put("bucket", "5m");
            }
            var open = new Asked(operation, Map.copyOf(parameters), List.of());
            parameters.put("from", FROM.toString());
            var begun = new Asked(operation, Map.copyOf(parameters), List.of());
            parameters.put("to", TO.toString());
            var whole = new Asked(operation, Map.copyOf(parameters), List.of());

            for (var asked : List.of(begun, whole)) {
                assertEquals(200, asked.ask(asked.cursor(place(FROM, TO))).status());
                asked.refused(asked.cursor(place(FROM.minusSeconds(300), TO)));
                asked.refused(asked.cursor(place(FROM, FROM.plus(Duration.ofDays(2)))));
                asked.refused(asked.cursor(place(TO, FROM)));
            }
            whole.refused(whole.cursor(place(FROM, TO.minusSeconds(300))));
            whole.refused(whole.cursor(place(FROM, TO.plusSeconds(300))));
            open.refused(open.cursor(place(TO.minus(Duration.ofDays(30)), TO)));
            open.refused(open.cursor(place(Instant.EPOCH, TO)));
            outside(whole, FROM.minusSeconds(1), TO, TO.plusSeconds(1));
        }
    }

    private static void outside(Asked asked, Instant... times) throws Exception {
        for (var time : times) {
            asked.refused(asked.cursor(List.of(FROM.toString(), TO.toString(), time.toString(), HASH, "1")));
        }
        for (var given : Arrays.asList("0", "-1", "01")) {
            asked.refused(asked.cursor(List.of(FROM.toString(), TO.toString(), FROM.toString(), HASH, given)));
        }
    }

    @Test
    void anotherRequestsCursorIsRefused() throws Exception {
        var byName = new Asked("listCollectors", Map.of("sort", "name"), List.of("a", ID));
        var backwards = new Asked("listCollectors", Map.of("sort", "-name"), List.of("a", ID));
        backwards.refused(byName.cursor(byName.good()));
    }

    @Test
    void aTimeThatPostgresqlCannotHoldIsRefused() throws Exception {
        for (var time : List.of("+999999999-12-31T23:59:59Z", "-0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z")) {
            assertEquals(
                    400, api.ask("listCollectors", null, "seen_before", time).status(), time);
        }
        assertEquals(
                200,
                api.ask("listCollectors", null, "seen_before", "9999-12-31T23:59:59Z")
                        .status());
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.wire.v3.V3Objects;

/**
 * A collector of version 3, with all that may go wrong around it: of what it sent, the first object of each second is
 * stored, and stored once.
 */
class V3FleetIT {
    private static final String SECRET = "a secret for version 3";
    private static Program server;

    /** What was sent first of a type, database and second, by table: how many rows. */
    private final Map<String, Integer> expected = new TreeMap<>();

    private final Set<String> seen = new HashSet<>();
    private final List<String> lastLines = new ArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", SECRET,
                "PGANALYTICS_V3_OVERLOAD_WAIT", "1s",
                "PGANALYTICS_STORAGE_LOCK_WAIT", "2s");
        server = Program.start(Program.folder("v3"), environment, "serve").untilReady();
    }

    @AfterAll
    static void close() throws Exception {
        server.close();
    }

    private void expect(JsonObject object) {
        var time = object.getString("timestamp");
        var databases = object.getJsonObject("databases");
        if (databases != null) {
            databases.forEach(one -> expect(object, one.getKey() + " " + time, (JsonObject) one.getValue()));
        } else if (object.getString("type").equals("pg_log")) {
            expectLog(object, time);
        } else {
            expect(object, object.getString("database", "") + " " + time, object);
        }
    }

    private void expect(JsonObject object, String unit, JsonObject content) {
        var type = object.getString("type");
        if (seen.add(type + " " + unit)) {
            content.forEach(member -> {
                if (member.getValue() instanceof JsonArray rows) {
                    expected.merge(type + "." + member.getKey(), rows.size(), Integer::sum);
                }
            });
        }
    }

    /** Of the lines, those behind the longest end of the earlier that they begin with. */
    private void expectLog(JsonObject object, String time) {
        if (!seen.add("pg_log " + time)) {
            return;
        }
        var lines = object.getJsonArray("entries").stream()
                .map(entry -> ((JsonObject) entry).getString("level") + ((JsonObject) entry).getString("message"))
                .toList();
        int overlap = Math.min(lines.size(), lastLines.size());
        while (!lastLines.subList(lastLines.size() - overlap, lastLines.size()).equals(lines.subList(0, overlap))) {
            overlap--;
        }
        expected.merge("pg_log.entries", lines.size() - overlap, Integer::sum);
        lastLines.clear();
        lastLines.addAll(lines);
    }

    /** What a collector gathers in so many seconds, five cycles each; the log goes on by a line every other second. */
    private List<JsonObject> gathered(Instant from, int seconds) {
        var objects = new ArrayList<JsonObject>();
        for (int second = 0; second < seconds; second++) {
            for (int cycle = 0; cycle < 5; cycle++) {
                var time = from.plusSeconds(second).toString();
                V3Objects.oneOfEach(time, 10L * second + cycle).forEach(object -> {
                    if (object.getString("type").equals("pg_log")) {
                        object.put("entries", lines(Instant.parse(time).getEpochSecond() / 2));
                    }
                    objects.add(object);
                });
            }
        }
        objects.forEach(this::expect);
        return objects;
    }

    private static JsonArray lines(long last) {
        var lines = new JsonArray();
        for (long line = last - 99; line <= last; line++) {
            lines.add(new JsonObject().put("level", "LOG").put("message", "line " + line));
        }
        return lines;
    }

    private static Map<String, Integer> stored(String collector) throws Exception {
        var stored = new TreeMap<String, Integer>();
        for (var table : TABLES.entrySet()) {
            stored.put(table.getKey(), (int) server.number("SELECT count(*) FROM metrics." + table.getValue()
                    + " JOIN target USING (target_id) WHERE collector_id = '" + collector + "'"));
        }
        return stored;
    }

    private static final Map<String, String> TABLES = new TreeMap<>(Map.ofEntries(
            Map.entry("pg_stats.tables", "pg_stat_user_tables"),
            Map.entry("pg_stats.indexes", "pg_stat_user_indexes"),
            Map.entry("pg_query_stats.queries", "pg_stat_statements"),
            Map.entry("sysstat.disk_io", "v3_sysstat_disk"),
            Map.entry("disk_usage.filesystems", "v3_disk_usage"),
            Map.entry("pg_log.entries", "v3_pg_log"),
            Map.entry("pg_replication.replication_slots", "v3_pg_replication_slots"),
            Map.entry("pg_replication.collection_errors", "v3_pg_replication_errors"),
            Map.entry("pg_schema.columns", "v3_pg_schema_columns"),
            Map.entry("pg_locks.active_locks", "v3_pg_locks"),
            Map.entry("pg_bloat.table_bloat", "v3_pg_bloat_tables"),
            Map.entry("pg_cache.index_cache_hit", "v3_pg_cache_indexes"),
            Map.entry("pg_connections.idle_transactions", "v3_pg_idle_transactions"),
            Map.entry("pg_extensions.extensions", "v3_pg_extensions")));

    private void assertStored(String collector) throws Exception {
        var wanted = new TreeMap<>(expected);
        wanted.keySet().retainAll(TABLES.keySet());
        assertEquals(wanted, stored(collector));
    }

    private static V3Client registered(String host) throws Exception {
        var client = new V3Client(server.port("http"));
        assertEquals(201, client.register(SECRET, host).status());
        return client;
    }

    @Test
    void whateverHappensOnTheWayTheFirstObjectOfASecondIsStoredOnce() throws Exception {
        var client = registered("db-host-1");
        var begin = Instant.ofEpochSecond(Instant.now().getEpochSecond() - 120);

        client.collect(gathered(begin, 4));
        assertEquals(200, client.pushInterval("db-host-1"));
        assertStored(client.collector());

        // A token that is none: refused, refreshed in vain, and sent again under a false label.
        var good = client.token();
        client.collect(gathered(begin.plusSeconds(3), 4));
        client.token("none");
        assertEquals(401, client.push("{\"hostname\":\"x\",\"metrics\":[]}", "").status());
        client.token(good);

        // The connection is cut in the middle, and the collector comes again with more.
        client.pushCutOff("{\"hostname\":\"db-host-1\",\"metrics\":[{".getBytes(StandardCharsets.UTF_8), 5_000_000);
        client.collect(gathered(begin.plusSeconds(7), 3));

        // While another transaction holds its rows, the push is refused and kept, then stored.
        try (var connection = server.database()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("SELECT FROM v3_seconds WHERE type = 'pg_locks' FOR UPDATE");
            assertEquals(503, client.pushInterval("db-host-1"));
            assertTrue(client.waiting() > 0);
            connection.rollback();
        }
        client.collect(gathered(begin.plusSeconds(10), 2));
        assertEquals(200, client.pushInterval("db-host-1"));
        assertEquals(0, client.waiting());
        assertEquals(0, client.dropped());
        assertStored(client.collector());

        comesAgain(client, begin);
    }

    /** The answer was lost: all of it comes again. */
    private void comesAgain(V3Client client, Instant begin) throws Exception {
        var again = V3Objects.push("db-host-1", gathered(begin, 12)).encode();
        assertEquals(200, client.push(again, "").status());
        assertEquals(200, client.push(again, "Content-Encoding: gzip\r\n").status());
        assertStored(client.collector());
    }

    @Test
    void aClockThatIsWrongSetsAsideWhatItDatesAndNothingElse() throws Exception {
        var client = registered("db-host-2");
        var now = Instant.ofEpochSecond(Instant.now().getEpochSecond());
        var objects = new ArrayList<>(gathered(now, 1));
        objects.addAll(V3Objects.oneOfEach("2001-01-01T00:00:00Z", 1));
        objects.addAll(V3Objects.oneOfEach(now.plus(Duration.ofDays(3)).toString(), 1));
        for (int time = 0; time < 2; time++) {
            var answer = client.push(V3Objects.push("db-host-2", objects).encode(), "");
            assertEquals(200, answer.status());
        }
        assertStored(client.collector());
        assertEquals(
                0,
                server.number("SELECT count(*) FROM quarantine WHERE collector_id = '" + client.collector()
                        + "' AND fault <> 'TIME_OUT_OF_RANGE'"));
        long setAside =
                server.number("SELECT count(*) FROM quarantine WHERE collector_id = '" + client.collector() + "'");
        assertTrue(setAside >= 12 && setAside <= 40, setAside + " batches were set aside, once each");
    }

    @Test
    void everyRegistrationIsACollectorOfItsOwnAndARevokedOneIsRefusedForEver() throws Exception {
        var first = registered("twin");
        var second = registered("twin");
        assertTrue(!first.collector().equals(second.collector()));
        server.number("UPDATE collector SET revoked_at = now(), generation = generation + 1 WHERE collector_id = '"
                + first.collector() + "' RETURNING 1");
        Awaitility.await()
                .until(() ->
                        first.push("{\"hostname\":\"h\",\"metrics\":[]}", "").status() == 403);
        assertEquals(403, first.refresh().status());
        assertEquals(200, second.refresh().status());
        assertEquals(404, second.config("collector-001").status());
    }
}

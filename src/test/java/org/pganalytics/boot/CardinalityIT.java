package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;
import org.pganalytics.wire.v3.V3Objects;

/** A collector that creates too many series, through each door: none of its rows is lost, and everybody is told. */
class CardinalityIT {
    private static final String SECRET = "a secret for many series";
    private static final String CACHE = "v3_pg_cache_tables";
    private static final FamilySchema STATEMENTS = FamilySchema.of(
            "pg_stat_statements",
            List.of(
                    new Column("dbid", ColumnType.INT8, ColumnRole.KEY),
                    new Column("userid", ColumnType.INT8, ColumnRole.KEY),
                    new Column("queryid", ColumnType.INT8, ColumnRole.KEY),
                    new Column("toplevel", ColumnType.BOOL, ColumnRole.KEY),
                    new Column("calls", ColumnType.INT8, ColumnRole.COUNTER)));

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "PGANALYTICS_REGISTRATION_SECRET", SECRET,
            "PGANALYTICS_SERIES_REPORT_EVERY", "200ms",
            "PGANALYTICS_ALERT_EVALUATE_EVERY", "200ms",
            "PGANALYTICS_ALERT_CLEAR_AFTER", "3s");

    private static Path data;
    private static Path families;
    private static Path config;
    private static Program server;
    private static long moment = System.currentTimeMillis() * 1_000;

    @BeforeAll
    static void start() throws Exception {
        data = Program.folder("cardinality");
        config = Files.createFile(data.resolveSibling("server.conf"));
        families = Files.createDirectories(data.resolveSibling("families"));
        try (var shipped = Files.list(Path.of("conf/families"))) {
            for (var file : shipped.toList()) {
                Files.copy(file, families.resolve(file.getFileName()));
            }
        }
        limit(STATEMENTS.family(), 3);
        limit(CACHE, 3);
        server = serve();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private static Program serve() throws IOException {
        var environment = new java.util.HashMap<>(ENVIRONMENT);
        environment.put("PGANALYTICS_FAMILIES_DIR", families.toString());
        return Program.start(data, environment, "serve", "--config", config.toString())
                .untilReady();
    }

    private static void limit(String family, int series) throws IOException {
        var file = families.resolve(family + ".conf");
        Files.writeString(
                file, Files.readString(Path.of("conf/families", family + ".conf")) + "series-max = " + series + "\n");
    }

    /** One row a statement: 1, 2 and so on. */
    private static List<ColumnBlock> statements(int count, long calls) {
        moment += 1_000;
        var none = new BitSet();
        var ids = LongStream.rangeClosed(1, count).toArray();
        var same = new long[count];
        java.util.Arrays.fill(same, 1);
        var called = new long[count];
        java.util.Arrays.fill(called, calls);
        var one = new ColumnVector.Longs(same, none);
        return List.of(new ColumnBlock(
                STATEMENTS,
                "many",
                moment,
                count,
                List.of(one, one, new ColumnVector.Longs(ids, none), one, new ColumnVector.Longs(called, none))));
    }

    private static void push(HandCollector collector, long sequence, boolean json, int count, long calls)
            throws Exception {
        var blocks = statements(count, calls);
        var answer = json
                ? collector.push(server, NativeJson.MEDIA_TYPE, collector.jsonBody(sequence, blocks))
                : collector.push(server, HttpBatch.MEDIA_TYPE, collector.nativeBody(sequence, blocks));
        assertEquals(200, answer.status(), answer::toString);
        assertEquals("stored", answer.body().getString("outcome"));
    }

    private static long rows(HandCollector collector, String what) throws Exception {
        return server.number(
                "SELECT %s FROM metrics.pg_stat_statements JOIN target USING (target_id) WHERE collector_id = '%s'"
                        .formatted(what, collector.id));
    }

    private static long ofOther(HandCollector collector, String what) throws Exception {
        return rows(collector, "%s FILTER (WHERE num_nulls(dbid, userid, queryid, toplevel) = 4)".formatted(what));
    }

    private static JsonObject reported(HandCollector collector) throws Exception {
        try (var command =
                Program.start(data, Map.of(), "cardinality", "--json", "--collector", collector.id.toString())) {
            assertEquals(0, command.waitFor(Duration.ofSeconds(60)), command.output());
            return command.json().getJsonArray("entries").getJsonObject(0);
        }
    }

    private static void until(long wanted, String query) {
        Awaitility.await(query)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> server.number(query) == wanted);
    }

    @Test
    void tooManyAreFoldedAndEverybodyIsToldThroughReloadAndRestart() throws Exception {
        var collector = HandCollector.register(server, SECRET, "many");
        collector.open(server);
        double folded = server.metric("pganalytics_ingest_folded_rows_total");
        double all = server.metric("pganalytics_ingest_rows_total");
        push(collector, 1, true, 3, 10);
        assertEquals(3, rows(collector, "count(*)"), "at the limit");
        push(collector, 2, false, 5, 20);
        push(collector, 3, true, 5, 27);
        assertEquals(3 + 2 * (3 + 1), rows(collector, "count(*)"));
        assertEquals(2, ofOther(collector, "count(*)"));
        assertEquals(14, ofOther(collector, "max(calls)"), "two statements, 7 calls each");
        assertEquals(4, server.metric("pganalytics_ingest_folded_rows_total") - folded);
        assertEquals(13, server.metric("pganalytics_ingest_rows_total") - all, "all that were sent");
        itIsTold(collector);

        aReloadLetsMoreIn(collector);
        server.close();
        server = serve();
        push(collector, 5, true, 9, 100);
        push(collector, 6, true, 9, 101);
        assertEquals(4, rows(collector, "max(calls) FILTER (WHERE queryid IS NULL AND calls < 14)"), "from 0");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> reported(collector).getString("folded_rows").equals("13"));
    }

    private static void itIsTold(HandCollector collector) throws Exception {
        var of = " AND subject = '%s pg_stat_statements'".formatted(collector.id);
        until(1, "SELECT count(*) FROM alert WHERE rule = 'series-folded'" + of);
        until(
                1,
                "SELECT count(*) FROM audit_event WHERE action = 'series.fold' AND target = '%s'"
                        .formatted(collector.id));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> reported(collector).getString("folded_rows").equals("4"));
        var report = reported(collector);
        assertEquals("3", report.getString("series"));
        assertEquals("3", report.getString("series_max"));
        assertEquals("0", report.getString("unfollowed_rows"));
        assertEquals("family", report.getString("limited_by"));
        until(1, "SELECT count(*) FROM alert WHERE rule = 'series-folded' AND cleared_at IS NOT NULL" + of);
    }

    private static void aReloadLetsMoreIn(HandCollector collector) throws Exception {
        limit(STATEMENTS.family(), 6);
        Files.writeString(config, "series.per-collector-max = 5");
        server.signal("HUP");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.output().contains("reload: applied family pg_stat_statements: series-max 3 -> 6")
                        && server.output().contains("reload: applied series.per-collector-max: 2000000 -> 5")
                        && server.output().contains("reload: the tables of"));
        push(collector, 4, false, 6, 30);
        assertEquals(5, rows(collector, "count(*) FILTER (WHERE calls = 30)"), "two more have rows of their own");
        assertEquals(3, ofOther(collector, "count(*)"));
    }

    @Test
    void overTcpToo() throws Exception {
        var collector = HandCollector.register(server, SECRET, "tcp");
        try (var session = HandSession.open(server, collector)) {
            session.write(new Frame.Schema(STATEMENTS));
            for (int sequence = 1; sequence <= 4; sequence++) {
                session.write(collector.batch(sequence, statements(10, sequence)));
            }
            long settled = 0;
            while (settled < 4) {
                settled = ((Frame.Ack) session.read()).sequence();
            }
        }
        long own = rows(collector, "count(*) FILTER (WHERE queryid IS NOT NULL)");
        assertTrue(own == 12 || own == 20, own + " rows, by the limits of now");
        assertEquals(3 * (10 - own / 4), ofOther(collector, "max(calls)"));
        assertEquals(0, server.number("SELECT count(*) FROM quarantine"));
    }

    @Test
    void whatVersion3SendsIsFoldedWithoutCounters() throws Exception {
        var client = new V3Client(server.port("http"));
        assertEquals(201, client.register(SECRET, "many of version 3").status());
        assertEquals(200, client.refresh().status());
        var time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        var answer =
                client.push(V3Objects.push("h", V3Objects.oneOfEach(time, 1)).encode(), "");
        assertEquals(200, answer.status(), answer::toString);
        assertEquals(0, answer.json().getInteger("objects_repeated"), answer::toString);

        var of = " FROM metrics.%s JOIN target USING (target_id) WHERE collector_id = '%s' AND datname = '(other)'"
                .formatted(CACHE, client.collector());
        assertEquals(
                1, server.number("SELECT count(*)" + of + " AND \"table\" = '(other)'"), "of four rows three stand");
        assertEquals(0, server.number("SELECT count(heap_blks_hit)" + of));
        assertEquals(3, server.number("SELECT count(*)" + of.replace("= '(other)'", "<> '(other)'")));
    }
}

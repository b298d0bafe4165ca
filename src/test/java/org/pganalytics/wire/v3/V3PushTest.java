package org.pganalytics.wire.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.wire.v3.V3Rows.FAMILIES;
import static org.pganalytics.wire.v3.V3Rows.batches;
import static org.pganalytics.wire.v3.V3Rows.blocks;
import static org.pganalytics.wire.v3.V3Rows.metrics;
import static org.pganalytics.wire.v3.V3Rows.push;
import static org.pganalytics.wire.v3.V3Rows.rows;
import static org.pganalytics.wire.v3.V3Rows.sample;
import static org.pganalytics.wire.v3.V3Rows.sysstat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.model.Batch;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.Seconds;
import org.pganalytics.wire.NativeJson;
import org.pganalytics.wire.WireLimits;

class V3PushTest {
    private static TreeMap<String, Integer> rowsByFamily(List<Batch> batches) {
        var rows = new TreeMap<String, Integer>();
        blocks(batches).forEach(block -> rows.merge(block.schema().family(), block.rows(), Integer::sum));
        return rows;
    }

    @Test
    void theCapturedPushOfAllTwelveTypesBecomesRows() throws IOException {
        var batches = batches(sample(), 1 << 16);

        assertEquals(
                "{pg_stat_database=1, pg_stat_statements=2, pg_stat_user_indexes=2, pg_stat_user_tables=2,"
                        + " pg_statement_text=2, v3_disk_usage=1, v3_pg_bloat_tables=1, v3_pg_blocking_queries=4,"
                        + " v3_pg_connection_totals=2, v3_pg_connections=6, v3_pg_extensions=4, v3_pg_locks=4,"
                        + " v3_pg_schema_columns=4, v3_pg_schema_constraints=2, v3_pg_schema_foreign_keys=1,"
                        + " v3_pg_schema_tables=4, v3_pg_wal_status=1, v3_sysstat=1, v3_sysstat_disk=1}",
                rowsByFamily(batches).toString());
        assertTrue(blocks(batches).stream().allMatch(block -> block.target().equals("db-host-1")));
        assertEquals(
                "{datname=appdb, size_bytes=8240487, tup_deleted=255, tup_fetched=121455, tup_inserted=2831,"
                        + " tup_returned=286112, tup_updated=728, xact_commit=442, xact_rollback=20}",
                rows(batches, "pg_stat_database").get(0).toString());
        assertEquals(
                "{autovacuum_count=0, datname=appdb, last_analyze=1795217843795295, n_dead_tup=399, n_live_tup=3800,"
                        + " n_mod_since_analyze=2399, relname=t, schemaname=public, total_bytes=212992, vacuum_count=0}",
                rows(batches, "pg_stat_user_tables").get(0).toString());
        assertEquals(
                -2391193142182492982L,
                rows(batches, "pg_stat_statements").get(0).get("queryid"));
        assertEquals(
                "create database appdb",
                rows(batches, "pg_statement_text").get(1).get("query"));
        assertEquals(1.60888671875, rows(batches, "v3_sysstat").get(0).get("load_1m"));
        assertEquals(
                "{backend_datname=appdb, count=2, datname=appdb, max_age_seconds=0.008819, min_age_seconds=0.002938,"
                        + " state=active}",
                rows(batches, "v3_pg_connections").get(0).toString());
        assertEquals(
                List.of("appdb", "appdb", "postgres", "postgres"),
                rows(batches, "v3_pg_locks").stream()
                        .map(row -> row.get("datname"))
                        .toList());
        assertEquals(-0.002497, rows(batches, "v3_pg_locks").get(2).get("lock_age_seconds"));
    }

    @Test
    void nothingInTheCapturedPushIsLostOnTheWay() throws IOException {
        var push = push();
        push.feed(sample());
        push.end();
        assertEquals(new V3Push.Counts(18, 0, 0, 0), push.counts());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1_000})
    void howThePushIsCutIntoPiecesChangesNothing(int bytes) throws IOException {
        assertEquals(blocks(batches(sample(), 1 << 20)), blocks(batches(sample(), bytes)));
    }

    @Test
    void everyColumnOfAFamilyOfVersion3IsFilledBySomeField() {
        var push = push();
        push.feed(V3Objects.push("h", V3Objects.oneOfEach("2026-11-20T23:37:44Z", 1))
                .toBuffer()
                .getBytes());
        push.end();
        var batches = push.flush();

        var empty = new ArrayList<String>();
        for (var family : FAMILIES) {
            if (family.reading().source() == MetricFamily.Source.V3) {
                var rows = rows(batches, family.name());
                family.schema().columns().stream()
                        .filter(column -> rows.stream().noneMatch(row -> row.containsKey(column.name())))
                        .forEach(column -> empty.add(family.name() + "." + column.name()));
            }
        }
        assertEquals(List.of(), empty);
        assertEquals(0, push.counts().unknown());
        assertEquals(0, push.counts().odd());
    }

    @Test
    void theBinaryFormGivesTheSameRowsAsJson() throws Exception {
        var push = V3Objects.push("h", V3Objects.oneOfEach("2026-11-20T23:37:44Z", 3));
        var binary = push();
        binary.open(V3Binary.body(push, true), 1 << 26);
        int parts = 1;
        while (binary.read(7)) {
            parts++;
        }
        assertTrue(parts > 2, "read in %d parts".formatted(parts));
        assertEquals(blocks(batches(push.toBuffer().getBytes(), 1 << 20)), blocks(binary.flush()));
    }

    @Test
    void theCapturedBinaryPushIsReadAlsoWithoutTheOuterLayer() throws Exception {
        var body = Files.readAllBytes(Path.of("src/test/resources/v3/push-binary.zst.bin"));
        var push = push();
        push.open(body, 1 << 26);
        push.read(Integer.MAX_VALUE);
        assertTrue(push.counts().objects() > 0);
        assertEquals(0, push.counts().unknown());
        assertFalse(blocks(push.flush()).isEmpty());

        var plain = push();
        plain.open(V3Binary.body(new JsonObject().put("metrics", new JsonArray()), false), 1 << 26);
        assertFalse(plain.read(100));
    }

    @Test
    void theFirstObjectOfASecondIsKept() {
        var batches = batches(metrics(
                sysstat("2026-11-20T23:37:44Z", "1"),
                sysstat("2026-11-20T23:37:44Z", "2"),
                sysstat("2026-11-20T23:37:46Z", "3"),
                sysstat("2026-11-20T23:37:44Z", "4")));
        assertEquals(1, batches.size());
        var second = Instant.parse("2026-11-20T23:37:44Z").getEpochSecond();
        assertEquals(
                new SecondRanges("sysstat", "", Seconds.of(second, second + 2), null),
                batches.get(0).position());
        assertEquals(
                "[{load_1m=1.0}, {load_1m=3.0}]", rows(batches, "v3_sysstat").toString());
    }

    @Test
    void aSecondOfAnEarlierFlushIsKnownToo() {
        var push = push();
        var json = metrics(sysstat("2026-11-20T23:37:44Z", "1"), sysstat("2026-11-20T23:37:44Z", "2"));
        int cut = json.indexOf("},{\"cpu") + 1;
        push.feed(json.substring(0, cut).getBytes(StandardCharsets.UTF_8));
        assertEquals(1, push.flush().size());
        push.feed(json.substring(cut).getBytes(StandardCharsets.UTF_8));
        push.end();
        assertEquals(List.of(), push.flush());
        assertEquals(new V3Push.Counts(2, 1, 0, 0), push.counts());
    }

    @Test
    void linesOfTheLogThatOverlapComeOnce() {
        var batches =
                batches(metrics(log(44, "a", "b"), log(45, "b", "c", "c"), log(46), log(47, "c", "c"), log(48, "x")));
        assertEquals(
                List.of("a", "b", "c", "c", "x"),
                rows(batches, "v3_pg_log").stream()
                        .map(row -> row.get("message"))
                        .toList());
        var position = (SecondRanges) batches.get(0).position();
        assertEquals(2, position.log().firstLines().length);
        assertEquals(1, position.log().lastLines().length);
        assertEquals(5, position.seconds().count());
    }

    @Test
    void anObjectWithoutLinesHidesNeitherThoseBeforeNorThoseAfterIt() {
        var batches = batches(metrics(log(44), log(45, "a", "b"), log(46, "b", "c"), log(47)));
        assertEquals(3, rows(batches, "v3_pg_log").size());
        var log = ((SecondRanges) batches.get(0).position()).log();
        assertEquals(Instant.parse("2026-11-20T23:37:45Z").getEpochSecond(), log.first());
        assertEquals(2, log.firstLines().length);
        assertEquals(2, log.lastLines().length);
    }

    private static String log(int second, String... messages) {
        var entries = Arrays.stream(messages)
                .map("{\"level\":\"LOG\",\"message\":\"%s\",\"timestamp\":\"2024-02-20T10:29:55Z\"}"::formatted)
                .collect(Collectors.joining(","));
        return "{\"database\":\"postgres\",\"entries\":[%s],\"timestamp\":\"2026-11-20T23:37:%dZ\",\"type\":\"pg_log\"}"
                .formatted(entries, second);
    }

    @Test
    void whatIsFarFromTheServersClockIsABatchOfItsOwn() {
        var batches = batches(metrics(
                sysstat("2026-11-20T23:37:44Z", "1"),
                sysstat("2031-01-01T00:00:00Z", "2"),
                sysstat("1970-01-01T00:00:00Z", "3")));
        assertEquals(List.of(1, 2), batches.stream().map(Batch::rows).toList());
    }

    @Test
    void aBatchCanBeReadAgainFromTheQuarantine() {
        var batch = batches(metrics(sysstat("2026-11-20T23:37:44Z", "1"))).get(0);
        var json = new NativeJson(new WireLimits(1 << 20, 100, 1_000, 1_000));
        var again = json.parse(batch.raw().bytes());
        assertEquals(batch.content(), again.content());
    }

    @ParameterizedTest(name = "[{index}]")
    @CsvSource({
        "{\"collector_id\":\"x\", true",
        "' \n{ \"hostname\" : 1', true",
        "{\"epoch\":\"1\", false",
        "[], false",
        "'', false"
    })
    void aPushTellsByItsFirstNameWhoseItIs(String start, boolean v3) {
        assertEquals(v3, V3Push.isV3(start.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void withoutAHostNameTheRegisteredOneStands() {
        var batches = batches("{\"metrics\":[" + sysstat("2026-11-20T23:37:44Z", "1") + "],\"hostname\":\"\"}");
        assertEquals("registered", blocks(batches).get(0).target());
    }
}

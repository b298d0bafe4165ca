package org.pganalytics.wire.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.wire.v3.V3Rows.COLLECTOR;
import static org.pganalytics.wire.v3.V3Rows.FAMILIES;
import static org.pganalytics.wire.v3.V3Rows.NOW;
import static org.pganalytics.wire.v3.V3Rows.batches;
import static org.pganalytics.wire.v3.V3Rows.metrics;
import static org.pganalytics.wire.v3.V3Rows.push;
import static org.pganalytics.wire.v3.V3Rows.rows;
import static org.pganalytics.wire.v3.V3Rows.sample;
import static org.pganalytics.wire.v3.V3Rows.sysstat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.SecondRanges;

class V3HostileTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a type nobody knows | {'timestamp':'2026-11-20T23:37:44Z','type':'pg_magic'} | UNKNOWN_FAMILY",
                "no type | {'timestamp':'2026-11-20T23:37:44Z'} | BAD_DATA",
                "no time | {'type':'sysstat','cpu':{'user':1}} | BAD_DATA",
                "a time that is none | {'type':'sysstat','timestamp':'yesterday'} | BAD_DATA",
                "a time too late for µs | {'type':'sysstat','timestamp':9223372036855} | BAD_DATA",
                "a time too early for µs | {'type':'sysstat','timestamp':-9223372036854775808} | BAD_DATA"
            })
    void anObjectThatCannotBeKeptIsSetAsideAlone(String what, String object, Fault fault) {
        var batches = batches(metrics(object.replace('\'', '"'), sysstat("2026-11-20T23:37:44Z", "1")));
        assertEquals(2, batches.size());
        var refused = batches.stream()
                .filter(batch -> batch.content() instanceof BatchContent.Undecodable)
                .findFirst()
                .orElseThrow();
        assertEquals(
                fault, ((BatchContent.Undecodable) refused.content()).refusal().fault());
        assertEquals(1, rows(batches, "v3_sysstat").size());
    }

    @Test
    void aFamilyThatIsNotDeclaredIsNamed() {
        var without = FAMILIES.stream()
                .filter(family ->
                        !family.name().equals("v3_sysstat") && !family.name().equals("v3_pg_locks"))
                .map(MetricFamily::schema)
                .toList();
        for (var object : V3Objects.oneOfEach("2026-11-20T23:37:44Z", 1)) {
            var push = new V3Push(new Layout(without), new V3Push.Sender(COLLECTOR, "r", NOW));
            push.feed(V3Objects.push("h", List.of(object)).toBuffer().getBytes());
            push.end();
            boolean refused =
                    push.flush().stream().anyMatch(batch -> batch.content() instanceof BatchContent.Undecodable);
            assertEquals(List.of("sysstat", "pg_locks").contains(object.getString("type")), refused, object::encode);
        }
    }

    @Test
    void valuesOfAnotherTypeBecomeNullAndAreCounted() {
        var push = push();
        push.feed(
                metrics("{\"disk_io\":[{\"device\":7,\"read_ops\":\"12\",\"write_ops\":\"many\",\"read_sectors\":1e300,"
                                + "\"write_sectors\":2.0,\"new\":1}],"
                                + "\"timestamp\":\"2026-11-20T23:37:44Z\",\"type\":\"sysstat\"}")
                        .getBytes(StandardCharsets.UTF_8));
        push.end();
        assertEquals(
                "[{device=7, read_ops=12, write_sectors=2}]",
                rows(push.flush(), "v3_sysstat_disk").toString());
        assertEquals(new V3Push.Counts(1, 0, 2, 1), push.counts());
    }

    @Test
    void namesAndTextsThatPostgresWouldNotTakeAreMadeFit() {
        var batches = batches(metrics(
                "{\"databases\":{\"a\\u0000\\n\\\"b\\ud800\":{\"extensions\":[{\"name\":\"x\\u0000\\ud800\"}]}},"
                        + "\"timestamp\":\"2026-11-20T23:37:44Z\",\"type\":\"pg_extensions\"}"));
        assertEquals("a??\"b?", ((SecondRanges) batches.get(0).position()).database());
        assertEquals(
                "[{datname=a??\"b?, name=x\uFFFD?}]",
                rows(batches, "v3_pg_extensions").toString());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing | '' | BAD_REQUEST",
                "an array | [] | UNDECODABLE",
                "a number | 7 | UNDECODABLE",
                "no metrics | {\"hostname\":\"h\"} | UNDECODABLE",
                "metrics that are no array | {\"metrics\":{}} | UNDECODABLE",
                "cut off in a name | {\"metr | BAD_REQUEST",
                "cut off after an object | {\"metrics\":[{} | BAD_REQUEST",
                "something behind | {\"metrics\":[]} 7 | UNDECODABLE",
                "broken | {\"metrics\":[}]} | UNDECODABLE"
            })
    void aBodyThatIsNoPushSaysWhy(String what, String json, Fault fault) {
        var failure = assertThrows(FaultException.class, () -> batches(json));
        assertEquals(fault, failure.fault(), failure.detail());
    }

    @Test
    void everyPrefixOfAPushIsCutOff() throws IOException {
        var json = new String(sample(), StandardCharsets.UTF_8).strip().getBytes(StandardCharsets.UTF_8);
        for (int length = 1; length < json.length; length += 97) {
            var start = Arrays.copyOf(json, length);
            assertEquals(
                    Fault.BAD_REQUEST,
                    assertThrows(FaultException.class, () -> batches(start, 1 << 20))
                            .fault());
        }
    }

    @Test
    void whatWasCompleteBeforeTheBreakIsNotLost() {
        var push = push();
        var broken = metrics(sysstat("2026-11-20T23:37:44Z", "1"), "{\"cpu\":nonsense}");
        assertThrows(FaultException.class, () -> push.feed(broken.getBytes(StandardCharsets.UTF_8)));
        assertEquals(1, rows(push.flush(), "v3_sysstat").size());
    }

    @Test
    void whatIsTooDeepTooLongOrTooMuchIsRefusedBeforeItFillsTheMemory() {
        assertUndecodable("{\"metrics\":" + "[".repeat(100));
        assertUndecodable("{\"metrics\":[" + "9".repeat(1_000_000) + ",");
        assertUndecodable("{\"metrics\":[" + "9".repeat(JsonFeed.STRING_LENGTH_MAX + (1 << 20)));
        assertUndecodable("{\"metrics\":[" + " ".repeat(JsonFeed.STRING_LENGTH_MAX + (1 << 20)));
        assertUndecodable("{\"metrics\":[{\"" + "n".repeat(100_000));
        assertUndecodable("{\"metrics\":[\"" + "x".repeat(JsonFeed.STRING_LENGTH_MAX + (1 << 20)));
    }

    private static void assertUndecodable(String start) {
        var push = push();
        var bytes = start.getBytes(StandardCharsets.UTF_8);
        var failure = assertThrows(FaultException.class, () -> {
            for (int at = 0; at < bytes.length; at += 1 << 14) {
                push.feed(Arrays.copyOfRange(bytes, at, Math.min(at + (1 << 14), bytes.length)));
            }
        });
        assertEquals(Fault.UNDECODABLE, failure.fault());
    }

    @Test
    void anObjectOfTooManyValuesIsRefusedAndHoldsNoMoreThanTheLimit() {
        var row = "{\"name\":\"t\",\"live_tuples\":1},";
        var push = push();
        push.feed("{\"metrics\":[{\"tables\":[".getBytes(StandardCharsets.UTF_8));
        var piece = row.repeat(1_000).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 400; i++) {
            push.feed(piece);
            assertTrue(push.bytes() < 40L * ObjectBuilder.CELLS_MAX);
        }
        push.feed(
                "{}],\"type\":\"pg_stats\",\"timestamp\":\"2026-11-20T23:37:44Z\"}]}".getBytes(StandardCharsets.UTF_8));
        push.end();
        var batch = push.flush().get(0);
        assertEquals(
                Fault.BAD_DATA,
                ((BatchContent.Undecodable) batch.content()).refusal().fault());
    }

    /** Memory is taken in advance for as many rows as the object before had, but once: also when nothing is kept of it. */
    @Test
    void smallObjectsBehindALargeOneTakeLittleMemory() {
        var large = "{\"queries\":[%s{}],\"timestamp\":1795219200,\"type\":\"pg_query_stats\"},"
                .formatted("{\"calls\":1},".repeat(2_000));
        var untyped = "{\"queries\":[{\"calls\":1,\"rows\":1}]},";
        var small = "{\"queries\":[{\"calls\":1,\"rows\":1}],\"timestamp\":1795219201,\"type\":\"pg_query_stats\"},";
        try (var push = push()) {
            push.feed(("{\"metrics\":[" + large + untyped).getBytes(StandardCharsets.UTF_8));
            assertEquals(2_000, push.gatheredRows());
            long before = push.gatheredBytes();
            push.feed(small.getBytes(StandardCharsets.UTF_8));
            assertEquals(2_001, push.gatheredRows());
            assertTrue(push.gatheredBytes() - before < 4_000, "it took " + (push.gatheredBytes() - before));
        }
    }

    @Test
    void tooManyDatabasesOfOnePushAreRefused() {
        var databases = new StringBuilder();
        for (int i = 0; i <= PushBatches.PARTS_MAX; i++) {
            databases.append(i == 0 ? "" : ",").append("\"d").append(i).append("\":{}");
        }
        var json = metrics(
                "{\"databases\":{" + databases + "},\"timestamp\":\"2026-11-20T23:37:44Z\",\"type\":\"pg_locks\"}");
        assertEquals(
                Fault.UNDECODABLE,
                assertThrows(FaultException.class, () -> batches(json)).fault());
    }

    @Test
    void brokenBytesNeverDoMoreThanRefuse() throws Exception {
        var random = new Random(815);
        var json = sample();
        var frame = V3Binary.frame(V3Objects.push("h", V3Objects.oneOfEach("2026-11-20T23:37:44Z", 1)), false);
        for (int run = 0; run < 600; run++) {
            var bytes = (run % 2 == 0 ? json : frame).clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            var push = push();
            try {
                if (run % 2 == 0) {
                    push.feed(bytes);
                    push.end();
                } else {
                    push.open(V3Binary.checked(bytes), 1 << 24);
                    while (push.read(1_000)) {
                        push.flush();
                    }
                }
            } catch (FaultException refused) {
                assertTrue(refused.fault() != Fault.INTERNAL);
            }
            push.flush();
        }
    }
}

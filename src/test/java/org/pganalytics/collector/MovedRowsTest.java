package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Reading;
import org.pganalytics.model.MetricFamily.Sending;
import org.pganalytics.model.MetricFamily.Source;

class MovedRowsTest {
    private static final long HOUR = 3_600_000;
    private static final FamilySchema COUNTED = FamilySchema.of(
            "counted",
            List.of(
                    new Column("id", ColumnType.INT8, ColumnRole.KEY),
                    new Column("calls", ColumnType.INT8, ColumnRole.COUNTER),
                    new Column("mean", ColumnType.FLOAT8, ColumnRole.GAUGE)));
    private static final FamilySchema SETTINGS = FamilySchema.of(
            "settings",
            List.of(
                    new Column("name", ColumnType.TEXT, ColumnRole.KEY),
                    new Column("setting", ColumnType.TEXT, ColumnRole.GAUGE),
                    new Column("boot", ColumnType.TEXT, ColumnRole.GAUGE)));

    private final MovedRows counted = new MovedRows(HOUR, 42);
    private final MovedRows settings = new MovedRows(HOUR, 42);

    private static ColumnBlock counted(long[] ids, long[] calls, double mean) {
        var means = new double[ids.length];
        java.util.Arrays.fill(means, mean);
        return new ColumnBlock(
                COUNTED,
                "t",
                1,
                ids.length,
                List.of(
                        new ColumnVector.Longs(ids, new BitSet()),
                        new ColumnVector.Longs(calls, new BitSet()),
                        new ColumnVector.Doubles(means, new BitSet())));
    }

    private static ColumnBlock settings(String[]... rows) {
        var vectors = IntStream.range(0, 3)
                .mapToObj(at ->
                        texts(java.util.Arrays.stream(rows).map(row -> row[at]).toArray(String[]::new)))
                .toList();
        return new ColumnBlock(SETTINGS, "t", 1, rows.length, List.copyOf(vectors));
    }

    private static ColumnVector texts(String... values) {
        var dictionary = new byte[values.length][];
        var indexes = new int[values.length];
        for (int at = 0; at < values.length; at++) {
            dictionary[at] =
                    values[at] == null ? new byte[0] : values[at].getBytes(java.nio.charset.StandardCharsets.UTF_8);
            indexes[at] = values[at] == null ? -1 : at;
        }
        return new ColumnVector.Texts(dictionary, indexes);
    }

    private static List<Long> ids(Optional<ColumnBlock> block) {
        return block.map(found -> LongStream.of(
                                ((ColumnVector.Longs) found.vectors().get(0)).values())
                        .boxed()
                        .toList())
                .orElse(List.of());
    }

    @Test
    void allRowsGoFirstThenThoseWhoseCountersMoved() {
        assertEquals(List.of(1L, 2L, 3L), ids(counted.of(counted(new long[] {1, 2, 3}, new long[] {5, 6, 7}, 1), 0)));
        assertTrue(
                counted.of(counted(new long[] {1, 2, 3}, new long[] {5, 6, 7}, 9), 1)
                        .isEmpty(),
                "a gauge is no news");
        assertEquals(List.of(2L), ids(counted.of(counted(new long[] {1, 2, 3}, new long[] {5, 8, 7}, 9), 2)));
        assertTrue(
                counted.of(counted(new long[] {3, 2, 1}, new long[] {7, 8, 5}, 9), 3)
                        .isEmpty(),
                "nor is an order");
    }

    @Test
    void aResetAnEvictionAndANewRowAreNews() {
        counted.of(counted(new long[] {1, 2}, new long[] {50, 60}, 1), 0);
        assertEquals(List.of(1L), ids(counted.of(counted(new long[] {1}, new long[] {0}, 1), 1)), "a reset");
        assertEquals(List.of(2L), ids(counted.of(counted(new long[] {1, 2}, new long[] {0, 60}, 1), 2)), "it was away");
        assertEquals(List.of(0L, -1L), ids(counted.of(counted(new long[] {0, 1, -1}, new long[] {0, 0, 60}, 1), 3)));
    }

    @Test
    void everySoOftenAllRowsGo() {
        var block = counted(new long[] {1, 2}, new long[] {50, 60}, 1);
        counted.of(block, 0);
        assertTrue(counted.of(block, HOUR - 1).isEmpty());
        assertEquals(Optional.of(block), counted.of(block, HOUR));
        assertTrue(counted.of(block, HOUR + 1).isEmpty());
        assertEquals(Optional.of(block), counted.of(block, 5), "the clock was set back");
    }

    @Test
    void withoutCountersAnyColumnThatChangesIsNews() {
        settings.of(settings(new String[] {"a", "1", null}, new String[] {"b", "2", "x"}), 0);
        var same = settings(new String[] {"b", "2", "x"}, new String[] {"a", "1", null});
        assertTrue(settings.of(same, 1).isEmpty());
        var moved = settings.of(settings(new String[] {"a", "1", ""}, new String[] {"b", "2", "x"}), 2);
        assertEquals(Optional.of(settings(new String[][] {{"a", "1", ""}})), moved, "an empty text is not a null");
        var swapped = settings.of(settings(new String[] {"a", "1", ""}, new String[] {"b", "x", "2"}), 3);
        assertEquals(Optional.of(settings(new String[][] {{"b", "x", "2"}})), swapped);
    }

    @Test
    void ofManyRowsExactlyTheMovedOnesGo() {
        int rows = 50_000;
        var ids = LongStream.range(0, rows).map(id -> id * 7 - 1000).toArray();
        var calls = new long[rows];
        counted.of(counted(ids, calls, 1), 0);
        var later = calls.clone();
        var random = new Random(7);
        var expected = random.ints(500, 0, rows).distinct().sorted().toArray();
        IntStream.of(expected).forEach(row -> later[row]++);
        var moved = ids(counted.of(counted(ids, later, 1), 1));
        assertEquals(IntStream.of(expected).mapToObj(row -> ids[row]).toList(), moved);
    }

    @Test
    void whatTheDiskDidNotTakeOrTheServerForgotGoesAgain() throws Exception {
        var family = new MetricFamily(
                COUNTED,
                "",
                MetricFamily.Kind.SAMPLES,
                MetricFamily.Scope.DATABASE,
                Duration.ofSeconds(1),
                Duration.ofDays(1),
                List.of(),
                null,
                null,
                new Reading(Source.SQL, Sending.MOVED, Duration.ofHours(1)));
        var still = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        var rule = new SendingRule(new Random(1), still);
        var block = Optional.of(counted(new long[] {1}, new long[] {5}, 1));
        assertEquals(block, rule.rowsToSend(family, "a", block).call());
        assertEquals(block, rule.rowsToSend(family, "b", block).call(), "each database by itself");
        assertTrue(rule.rowsToSend(family, "a", block).call().isEmpty());
        rule.kept(family, "a", io.vertx.core.Future.succeededFuture(true));
        assertTrue(rule.rowsToSend(family, "a", block).call().isEmpty());
        rule.kept(family, "a", io.vertx.core.Future.succeededFuture(false));
        assertEquals(block, rule.rowsToSend(family, "a", block).call());
        rule.kept(family, "a", io.vertx.core.Future.failedFuture("closed"));
        assertEquals(block, rule.rowsToSend(family, "a", block).call());
        assertTrue(rule.rowsToSend(family, "a", Optional.empty()).call().isEmpty());
        assertEquals(block, rule.rowsToSend(family, "a", block).call(), "there were none in between");
        assertTrue(rule.rowsToSend(family, "b", block).call().isEmpty());
        rule.forget();
        assertEquals(block, rule.rowsToSend(family, "b", block).call());
    }
}

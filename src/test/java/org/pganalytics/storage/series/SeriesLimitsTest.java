package org.pganalytics.storage.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.series.Statements.START;
import static org.pganalytics.storage.series.Statements.block;

import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.series.SeriesCount.Bound;
import org.pganalytics.storage.series.Statements.Row;

/** How many series a collector may create, and what it takes to count them. */
class SeriesLimitsTest {
    private static final UUID COLLECTOR = Folder.COLLECTOR;
    private static final String FAMILY = Statements.SCHEMA.family();

    private static ColumnBlock statements(long from, long to) {
        return block(
                "db",
                START,
                LongStream.range(from, to).mapToObj(id -> Row.of(id, 1L)).toArray(Row[]::new));
    }

    private static SeriesCount count(Folder folder) {
        return folder.limits.count(COLLECTOR, FAMILY).orElseThrow();
    }

    @Test
    void asManyAsTheLimitHaveRowsOfTheirOwnAndNotOneMore() {
        var folder = Folder.of(100);

        assertEquals(Folding.NONE, folder.store(1, statements(0, 100)).get(0).folding());
        assertEquals(
                new Folding(1, 0, 1), folder.store(2, statements(0, 101)).get(0).folding());
        assertEquals(100, count(folder).series());
        assertEquals(Bound.FAMILY, count(folder).bound());
    }

    @Test
    void theSameStatementAtAnotherTargetOrWithANullIsAnotherSeries() {
        var folder = Folder.of(4);
        folder.store(
                1,
                block("a", START, Row.of(1, 1L)),
                block("b", START, Row.of(1, 1L)),
                block("a", START, new Row("shop", null, 1L, 1.0, 1L, null)),
                block("a", START, new Row(null, 1L, 1L, 1.0, 1L, null)),
                block("a", START, new Row("shop", 1L, 9L, 9.0, 9L, 9L)));
        assertEquals(4, count(folder).series());
        assertEquals(
                1,
                folder.store(2, block("a", START, new Row("", 1L, 1L, 1.0, 1L, null)))
                        .get(0)
                        .folding()
                        .rows());
    }

    @Test
    void aNullIsKeptApartInWhicheverColumnItStands() {
        var pairs = FamilySchema.of(
                "pairs",
                List.of(
                        new Column("a", ColumnType.INT8, ColumnRole.KEY),
                        new Column("b", ColumnType.INT8, ColumnRole.KEY)));
        var folder = new Folder(SeriesConfig.defaults(), Statements.family(pairs, MetricFamily.Kind.SAMPLES));
        var block = new ColumnBlock(
                pairs,
                "db",
                START,
                4,
                List.of(
                        new ColumnVector.Longs(new long[] {1, 0, 0, 0}, BitSet.valueOf(new long[] {0b1010})),
                        new ColumnVector.Longs(new long[] {0, 1, 0, 0}, BitSet.valueOf(new long[] {0b1001}))));
        folder.store(1, block);
        assertEquals(4, folder.limits.count(COLLECTOR, "pairs").orElseThrow().series());
    }

    @Test
    void allFamiliesTogetherHaveALimitToo() {
        var another = Statements.family(
                FamilySchema.of("another", List.of(new Column("n", ColumnType.INT8, ColumnRole.KEY))),
                MetricFamily.Kind.SAMPLES);
        var folder = new Folder(Folder.config(100, 3, 64L << 20, 10), Statements.family(OptionalInt.empty()), another);
        var numbers = new ColumnBlock(
                another.schema(), "db", START, 2, List.of(new ColumnVector.Longs(new long[] {1, 2}, new BitSet())));

        var folded = folder.store(1, statements(0, 2), numbers);
        assertEquals(0, folded.get(0).folding().rows());
        assertEquals(1, folded.get(1).folding().rows());
        assertEquals(
                Bound.COLLECTOR,
                folder.limits.count(COLLECTOR, "another").orElseThrow().bound());
    }

    @Test
    void whatASenderCallsAKeyIsNotBelieved() {
        var sent = Statements.SCHEMA.columns().stream()
                .map(column -> new Column(column.name(), column.type(), ColumnRole.GAUGE))
                .toList();
        var lying = FamilySchema.of(FAMILY, sent);
        var honest = statements(0, 5);
        var block = new ColumnBlock(lying, "db", START, 5, honest.vectors());
        var folder = Folder.of(3);

        assertEquals(2, folder.store(1, block).get(0).folding().rows());
    }

    @Test
    void aNewDayBeginsWithNone() {
        var folder = Folder.of(2);
        folder.store(1, statements(0, 3));
        folder.pass(Duration.ofHours(17).plusMinutes(59));
        assertEquals(2, folder.store(2, statements(3, 5)).get(0).folding().rows());
        folder.pass(Duration.ofMinutes(1));
        assertEquals(0, folder.store(3, statements(3, 5)).get(0).folding().rows());
        assertEquals(2, count(folder).series());
    }

    @Test
    void aLimitThatIsRaisedLetsMoreInAndOneThatIsLoweredTurnsNobodyOut() {
        var folder = new Folder(Folder.config(2, 100, 64L << 20, 10), Statements.family(OptionalInt.empty()));
        assertEquals(1, folder.store(1, statements(0, 3)).get(0).folding().rows());
        folder.limits.reload(Folder.config(3, 100, 64L << 20, 10));
        assertEquals(1, folder.store(2, statements(0, 4)).get(0).folding().rows());
        folder.limits.reload(Folder.config(1, 100, 64L << 20, 10));
        assertEquals(1, folder.store(3, statements(0, 4)).get(0).folding().rows());
    }

    @Test
    void aFamilyWithoutKeysTakesNothing() {
        var whole = FamilySchema.of("whole", List.of(new Column("n", ColumnType.INT8, ColumnRole.GAUGE)));
        var folder = new Folder(Folder.config(1, 1, 1 << 20, 0), Statements.family(whole, MetricFamily.Kind.SAMPLES));
        var block = new ColumnBlock(
                whole, "db", START, 2, List.of(new ColumnVector.Longs(new long[] {1, 2}, new BitSet())));
        assertSame(block, folder.store(1, block).get(0).block());
        assertEquals(0, folder.tracked());
    }

    @Test
    void whatGrewBeforeMidnightWhileItWasBeingWrittenIsToldOnce() {
        var folder = Folder.of(1);
        folder.store(1, statements(0, 3));
        folder.limits.committed(COLLECTOR, FAMILY, new Folding(2, 0, 1));
        var told = folder.limits.takeChanges();
        folder.limits.committed(COLLECTOR, FAMILY, new Folding(5, 0, 1));
        folder.pass(Duration.ofDays(1));
        folder.store(2, statements(0, 1));
        folder.limits.putBack(told);

        var again = folder.limits.takeChanges().stream()
                .filter(count -> count.day().equals(told.get(0).day()))
                .toList();
        assertEquals(1, again.size());
        assertEquals(7, again.get(0).foldedRows());
    }

    @Test
    void aFamilyThatIsNotCountedTakesNothing() {
        var free = new Folder(Folder.config(1, 1, 1 << 20, 0), Statements.family(OptionalInt.of(0)));
        var block = statements(0, 1_000);
        assertSame(block, free.store(1, block).get(0).block());
        assertEquals(0, free.tracked());
        assertEquals(0, free.bytes());
    }

    @Test
    void textsBeyondTheLimitAreLeftOut() {
        var schema = FamilySchema.of(
                "texts",
                List.of(
                        new Column("queryid", ColumnType.INT8, ColumnRole.KEY),
                        new Column("query", ColumnType.TEXT, ColumnRole.TEXT)));
        var texts = Statements.family(schema, MetricFamily.Kind.DICTIONARY).with(OptionalInt.of(1));
        var folder = new Folder(SeriesConfig.defaults(), texts);
        var block = new ColumnBlock(
                schema,
                "db",
                START,
                2,
                List.of(
                        new ColumnVector.Longs(new long[] {1, 2}, new BitSet()),
                        new ColumnVector.Texts(new byte[][] {{'a'}, {'b'}}, new int[] {0, 1})));

        var folded = folder.store(1, block).get(0);
        assertEquals(1, folded.block().rows());
        assertEquals("a", Statements.value(folded.block(), "query", 0));
        assertEquals(new Folding(1, 0, 0), folded.folding());
    }

    @Test
    void changesAreToldOnceUnlessTheyCouldNotBeWritten() {
        var folder = Folder.of(1);
        folder.store(1, statements(0, 3));
        assertTrue(folder.limits.committed(COLLECTOR, FAMILY, new Folding(2, 1, 1)));
        assertFalse(folder.limits.committed(COLLECTOR, FAMILY, new Folding(2, 0, 1)));

        var told = folder.limits.takeChanges();
        assertEquals(
                List.of("1 of 1, 4 rows, 1 unfollowed FAMILY"),
                told.stream()
                        .map(count -> "%d of %d, %d rows, %d unfollowed %s"
                                .formatted(
                                        count.series(),
                                        count.seriesMax(),
                                        count.foldedRows(),
                                        count.unfollowedRows(),
                                        count.bound()))
                        .toList());
        assertEquals(List.of(), folder.limits.takeChanges());
        folder.limits.putBack(told);
        folder.pass(Duration.ofDays(1));
        assertEquals(told, folder.limits.takeChanges(), "of the day that is over");
        folder.limits.putBack(told);
        assertEquals(told, folder.limits.takeChanges(), "when that failed too");
        folder.limits.putBack(told);
        folder.limits.putBack(told);
        assertEquals(told, folder.limits.takeChanges(), "once, however often it could not be written");
        assertEquals(List.of(), folder.limits.takeChanges());
        folder.store(2, statements(0, 3));
        assertTrue(folder.limits.committed(COLLECTOR, FAMILY, new Folding(2, 1, 1)), "the first of a new day");
    }

    @Test
    void hashesAreThoseOfThisProcess() {
        var block = statements(0, 10_000);
        var columns = BlockColumns.of(Statements.SCHEMA, Statements.family(OptionalInt.empty()));
        var one = new SeriesHash(new Random(1)).series(block, columns);
        var other = new SeriesHash(new Random(2)).series(block, columns);

        var all = new HashSet<Long>();
        LongStream.of(one).forEach(all::add);
        LongStream.of(other).forEach(all::add);
        assertEquals(20_000, all.size());
    }

    @Test
    void theReportHasAllWithFoldedRowsAndTheLargestOfTheOthers() {
        var day = java.time.LocalDate.EPOCH;
        var counts = LongStream.range(0, 300)
                .mapToObj(n -> new SeriesCount(COLLECTOR, "f" + n, day, n, 1_000, n % 3 == 0 ? n : 0, 0, null))
                .toList();
        var told = SeriesReport.toBeTold(counts);

        assertEquals(99 + 100, told.size());
        assertEquals("f297", told.get(0).family());
        assertEquals("f299", told.get(99).family());
    }
}

package org.pganalytics.storage.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.pganalytics.storage.series.Folder.other;
import static org.pganalytics.storage.series.Statements.START;
import static org.pganalytics.storage.series.Statements.block;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.storage.series.Statements.Row;

/** What the row says that stands for the folded ones. */
class OtherRowTest {
    private static final long SECOND = 1_000_000;

    private final Folder folder = Folder.of(1);

    private static ColumnBlock at(int second, Row... rows) {
        return block("db", START + second * SECOND, rows);
    }

    private static Row row(long id, long calls) {
        return Row.of(id, calls);
    }

    private Object calls(FoldedBlock folded) {
        return other(folded, "calls");
    }

    @Test
    void itHasNoKeysNoGaugesAndNoTextsOfItsOwn() {
        var folded = folder.store(1, at(0, row(1, 10), row(2, 20), row(3, 30))).get(0);

        assertEquals(2, folded.block().rows());
        assertEquals(new Folding(2, 0, 1), folded.folding());
        assertEquals(1L, Statements.value(folded.block(), "queryid", 0));
        assertEquals(10L, Statements.value(folded.block(), "calls", 0));
        assertEquals("SELECT", Statements.value(folded.block(), "query", 0));
        assertEquals("(other)", other(folded, "database"));
        for (var column : List.of("queryid", "cached", "query", "stats_since")) {
            assertNull(other(folded, column), column);
        }
    }

    @Test
    void aBlockWithinTheLimitIsTheSameOne() {
        var sent = at(0, row(1, 10));
        assertSame(sent, folder.store(1, sent).get(0).block());
    }

    @Test
    void itsCountersGrowByWhatTheFoldedOnesGrewByWhicheverOfThemCome() {
        var first = folder.store(1, at(0, row(1, 10), row(2, 20), row(3, 30)));
        var second = folder.store(2, at(10, row(1, 11), row(2, 25)));
        var third = folder.store(3, at(20, row(3, 31), row(4, 1_000)));
        var fourth = folder.store(4, at(30, row(2, 26), row(3, 33), row(4, 1_001)));

        assertEquals(0L, calls(first.get(0)), "a series that is seen first adds nothing");
        assertEquals(5L, calls(second.get(0)));
        assertEquals(6L, calls(third.get(0)));
        assertEquals(10L, calls(fourth.get(0)));
        assertEquals(2.5, other(fourth.get(0), "seconds"));
        assertEquals(10L, other(fourth.get(0), "errors"));
    }

    @Test
    void aCounterThatFellCountsFromNothingAndSoDoesOneWhoseRowSaysSo() {
        folder.store(1, at(0, row(1, 1), new Row("shop", 2L, 50L, 5.0, 0L, 100L), row(3, 70)));
        var second = folder.store(2, at(10, new Row("shop", 2L, 60L, 6.0, 0L, 200L), row(3, 4)));

        assertEquals(64L, calls(second.get(0)));
        assertEquals(6.0 + 1.0, other(second.get(0), "seconds"));
    }

    @Test
    void aNullAndWhatCannotBeAddedUpChangeNothing() {
        folder.store(1, at(0, row(1, 1), row(2, 20)));
        var without = folder.store(2, at(10, new Row("shop", 2L, null, Double.NaN, null, null)));
        var again = folder.store(3, at(20, row(2, 24)));

        assertEquals(0L, calls(without.get(0)));
        assertEquals(4L, calls(again.get(0)));
        assertEquals(1.0, other(again.get(0), "seconds"));
    }

    @Test
    void whatNoFoldedRowHasIsNull() {
        var folded = folder.store(1, at(0, row(1, 1), new Row("shop", 2L, null, -0.0, 1L, null)));

        assertNull(calls(folded.get(0)));
        assertEquals(0.0, other(folded.get(0), "seconds"));
    }

    @Test
    void aTotalThatItsTypeCannotHoldBeginsAnewAsAReaderTakesIt() {
        long most = Integer.MAX_VALUE;
        folder.store(1, at(0, row(1, 1), row(2, 0), row(3, 0)));
        var full = folder.store(2, at(10, row(2, most)));
        var over = folder.store(3, at(20, row(3, 9)));

        assertEquals(most, other(full.get(0), "errors"));
        assertEquals(9L, other(over.get(0), "errors"));
        assertEquals(most + 9, calls(over.get(0)));
    }

    @Test
    void eachTargetHasItsOwn() {
        folder.store(1, at(0, row(1, 1), row(2, 1)), block("another", START, row(2, 1)));
        var folded = folder.store(2, at(10, row(2, 4)), block("another", START + 10 * SECOND, row(2, 101)));

        assertEquals(3L, calls(folded.get(0)));
        assertEquals(100L, calls(folded.get(1)));
    }

    @Test
    void momentsOfOneBatchAreToldOneByOneAndThePiecesOfAMomentAlike() {
        var folded = folder.store(
                1,
                at(0, row(1, 1), row(2, 10)),
                at(0, row(3, 10)),
                at(10, row(2, 11)),
                at(10, row(3, 15)),
                at(20, row(2, 12)));

        assertEquals(
                List.of(0L, 0L, 6L, 6L, 7L), folded.stream().map(this::calls).toList());
    }

    @Test
    void aMomentInTwoBatchesSaysTheSameTwiceAndTheRestLater() {
        folder.store(1, at(0, row(1, 1), row(2, 10), row(3, 10)));
        assertEquals(1L, calls(folder.store(2, at(10, row(2, 11))).get(0)));
        assertEquals(1L, calls(folder.store(3, at(10, row(3, 20))).get(0)));
        assertEquals(12L, calls(folder.store(4, at(20, row(2, 12))).get(0)));
    }

    @Test
    void whatIsSentAgainAfterAFailureIsSaidAgain() {
        folder.store(1, at(0, row(1, 1), row(2, 10)));
        var second = at(10, row(2, 15));
        var third = at(20, row(2, 18));
        folder.prepare(2, second);
        folder.prepare(3, third);
        folder.failed(2);
        folder.failed(3);

        assertEquals(5L, calls(folder.prepare(2, second).get(0)));
        assertEquals(8L, calls(folder.prepare(3, third).get(0)));
        folder.committed(2);
        folder.committed(3);
        assertEquals(9L, calls(folder.store(4, at(30, row(2, 19))).get(0)));
        assertEquals(5L, calls(folder.store(2, second).get(0)), "nor does a late copy of one that is settled");
        assertEquals(10L, calls(folder.store(5, at(40, row(2, 20))).get(0)));
    }

    @Test
    void batchesThatAnotherServerTookBetweenEndTheTotal() {
        folder.store(1, at(0, row(1, 1), row(2, 10)));
        assertEquals(990L, calls(folder.store(2, at(10, row(2, 1_000))).get(0)));

        // Number 3 went elsewhere, where the total began at 0; to go on at 990 would read as an increase by all that.
        assertNull(calls(folder.store(4, at(30, row(2, 1_020))).get(0)));
        assertEquals(0L, calls(folder.store(5, at(40, row(2, 1_027))).get(0)));
        assertEquals(3L, calls(folder.store(6, at(50, row(2, 1_030))).get(0)));
    }

    @Test
    void aBatchThatOvertookOthersAndIsRefusedEndsNothing() {
        folder.store(1, at(0, row(1, 1), row(2, 10)));
        folder.store(2, at(10, row(2, 20)));
        var fourth = at(30, row(2, 40));
        assertNull(calls(folder.prepare(4, fourth).get(0)));
        folder.failed(4);

        assertEquals(20L, calls(folder.store(3, at(20, row(2, 30))).get(0)));
        assertEquals(30L, calls(folder.store(4, fourth).get(0)));
    }

    @Test
    void aBatchThatFailedHereAndWasStoredElsewhereEndsTheTotalToo() {
        folder.store(1, at(0, row(1, 1), row(2, 10)));
        folder.store(2, at(10, row(2, 1_000)));
        folder.prepare(3, at(20, row(2, 1_010)));
        folder.failed(3);

        assertNull(calls(folder.store(4, at(30, row(2, 1_020))).get(0)));
        assertEquals(0L, calls(folder.store(5, at(40, row(2, 1_030))).get(0)));
    }

    @Test
    void aNewEpochBeginsAnew() {
        folder.store(1, at(0, row(1, 1), row(2, 10)));
        folder.store(2, at(10, row(2, 20)));
        var limits = folder.limits;
        var block = at(20, row(2, 30));

        var folded = limits.fold(
                Folder.COLLECTOR,
                new BatchPosition(2, 1, 1),
                List.of(block),
                name -> Statements.family(OptionalInt.of(1)));
        assertNull(calls(folded.get(0)));
        limits.answered(Folder.COLLECTOR, new BatchPosition(2, 1, 1), true);
        assertEquals(0, folder.bytes() > 1_000 ? 1 : 0, "nothing is followed any more");
    }

    @Test
    void withoutNumbersNothingTellsWhatWasBetweenSoCountersAreNull() {
        var collector = UUID.randomUUID();
        var folded = folder.fold(collector, at(0, row(1, 1), row(2, 10)));

        assertNull(calls(folded.get(0)));
        assertEquals(new Folding(1, 1, 1), folded.get(0).folding());
    }

    @Test
    void aSeriesThatGetsARowOfItsOwnLeavesTheTotal() {
        folder.store(1, at(0, row(1, 1), row(2, 10), row(3, 10)));
        folder.pass(Duration.ofDays(1));
        folder.store(2, at(10, row(2, 15)));
        assertEquals(
                1L, calls(folder.store(3, at(20, row(2, 1_000), row(3, 11))).get(0)));
        folder.pass(Duration.ofDays(1));
        folder.store(4, at(30, row(1, 2)));
        assertEquals(
                1L, calls(folder.store(5, at(40, row(2, 5_000), row(3, 11))).get(0)));
        assertEquals(4L, calls(folder.store(6, at(50, row(2, 5_003))).get(0)));
    }

    @Test
    void rowsThatComeTooLateAreToldWhatWasSaidBeforeThem() {
        folder.store(1, at(0, row(1, 1), row(2, 10)));
        folder.store(2, at(20, row(2, 15)));

        assertEquals(0L, calls(folder.store(3, at(10, row(2, 12))).get(0)));
        assertNull(calls(folder.store(4, at(-10, row(2, 9))).get(0)), "before all that is remembered");
        assertEquals(6L, calls(folder.store(5, at(30, row(2, 16))).get(0)));
    }

    @Test
    void whatCannotBeFollowedAddsNothingAndIsCounted() {
        var few = new Folder(Folder.config(1, 100, 64L << 20, 2), Statements.family(OptionalInt.empty()));
        few.store(1, at(0, row(1, 1), row(2, 10), row(3, 10), row(4, 10)));
        var folded = few.store(2, at(10, row(2, 11), row(3, 11), row(4, 11))).get(0);

        assertEquals(2L, calls(folded));
        assertEquals(new Folding(3, 1, 1), folded.folding());
        var later = few.store(3, at(3 * 3_600, row(4, 20))).get(0);
        assertEquals(0, later.folding().unfollowed(), "those that came no more make room");
    }
}

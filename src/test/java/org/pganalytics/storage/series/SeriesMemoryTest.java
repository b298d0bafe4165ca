package org.pganalytics.storage.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.storage.series.Statements.START;
import static org.pganalytics.storage.series.Statements.block;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.storage.series.Statements.Row;

/** What counting may take, whatever is sent. */
class SeriesMemoryTest {
    private static ColumnBlock statements(long from, long to) {
        return block(
                "db",
                START,
                LongStream.range(from, to).mapToObj(id -> Row.of(id, 1L)).toArray(Row[]::new));
    }

    /** As large a block as one may be, made without objects for its rows. */
    private static ColumnBlock many(long from, int count) {
        var zeros = new ColumnVector.Longs(new long[count], new BitSet());
        var ids = LongStream.range(from, from + count).toArray();
        var texts = new ColumnVector.Texts(new byte[][] {{'x'}}, new int[count]);
        var doubles = new ColumnVector.Doubles(new double[count], new BitSet());
        var queryids = new ColumnVector.Longs(ids, new BitSet());
        return new ColumnBlock(
                Statements.SCHEMA,
                "db",
                START + from,
                count,
                List.of(texts, queryids, zeros, doubles, zeros, zeros, texts, zeros));
    }

    @Test
    void millionsOfNewSeriesTakeNoMoreThanTheLimitsSay() {
        var folder =
                new Folder(Folder.config(100_000, 200_000, 64L << 20, 1_000), Statements.family(OptionalInt.empty()));
        long folded = 0;
        for (int block = 0; block < 20; block++) {
            folded += folder.store(block + 1, many(block * 200_000L, 200_000))
                    .get(0)
                    .folding()
                    .rows();
        }
        assertEquals(4_000_000 - 100_000, folded);
        assertEquals(100_000, folder.tracked());
        assertTrue(folder.bytes() < 4 << 20, () -> folder.bytes() + " bytes");
    }

    @Test
    void theMemoryOfAllIsBoundedAndAPartIsLeftForThoseWhoTakeLittle() {
        long max = 1 << 20;
        var folder = new Folder(Folder.config(1_000_000, 1_000_000, max, 0), Statements.family(OptionalInt.empty()));
        long folded = 0;
        for (int collector = 0; collector < 5; collector++) {
            folded += folder.fold(UUID.randomUUID(), many(0, 100_000))
                    .get(0)
                    .folding()
                    .rows();
        }
        assertTrue(folder.bytes() <= max, () -> folder.bytes() + " bytes");
        assertTrue(folder.bytes() > max / 2, () -> folder.bytes() + " bytes");
        assertEquals(500_000, folded + (long) folder.tracked(), "each has a row of its own or is folded");

        assertEquals(
                0,
                folder.fold(UUID.randomUUID(), many(0, 1_000)).get(0).folding().rows());
        folder.limits.reload(Folder.config(1_000_000, 1_000_000, 64 << 20, 0));
        assertEquals(
                0,
                folder.fold(UUID.randomUUID(), many(0, 100_000))
                        .get(0)
                        .folding()
                        .rows());
    }

    @Test
    void collectorsThatAreGoneGiveBackWhatTheyTook() {
        var folder = Folder.of(10);
        for (int collector = 0; collector < 1_000; collector++) {
            folder.fold(UUID.randomUUID(), statements(0, 20));
        }
        folder.limits.takeChanges();
        assertEquals(10_000, folder.tracked());
        folder.pass(Duration.ofDays(1));
        folder.limits.takeChanges();
        assertEquals(0, folder.tracked());
        assertEquals(0, folder.bytes());
    }

    @Test
    void thoseThatStayedAwayLongMakeRoomForOthersWhenTheMemoryIsFull() {
        var folder = new Folder(Folder.config(1, 100_000, 1 << 20, 100_000), Statements.family(OptionalInt.empty()));
        assertTrue(folder.store(1, many(0, 20_000)).get(0).folding().unfollowed() > 0);
        long later = Duration.ofHours(3).toMillis() * 1_000;
        assertEquals(0, folder.store(2, many(later, 100)).get(0).folding().unfollowed());
    }

    @Test
    void followingFoldedOnesIsPartOfTheMemoryAndIsGivenBack() {
        var folder = Folder.of(1);
        folder.store(1, statements(0, 1_001));
        double all = folder.bytes();
        assertTrue(all > 1_000 * 6 * Long.BYTES, () -> all + " bytes");
        folder.store(7, statements(0, 1));
        assertTrue(folder.bytes() < 1_000, () -> folder.bytes() + " bytes");
    }
}

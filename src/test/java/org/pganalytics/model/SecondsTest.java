package org.pganalytics.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SecondsTest {
    @Test
    void noneHoldsNothing() {
        assertTrue(Seconds.NONE.isEmpty());
        assertEquals(0, Seconds.NONE.count());
        assertFalse(Seconds.NONE.contains(0));
        assertEquals(Seconds.NONE, Seconds.of());
        assertEquals(Seconds.of(7), Seconds.NONE.plus(Seconds.of(7)));
        assertEquals(Seconds.NONE, Seconds.NONE.minus(Seconds.of(7)));
    }

    @Test
    void secondsThatTouchAreOneRange() {
        assertArrayEquals(new long[] {1, 3, 5, 5}, Seconds.of(3, 1, 5, 2, 1).bounds());
    }

    @Test
    void anyMixOfPlusAndMinusIsWhatASetSays() {
        var random = new Random(4711);
        for (int run = 0; run < 2_000; run++) {
            var mine = some(random);
            var theirs = some(random);
            var both = new TreeSet<>(mine);
            both.addAll(theirs);
            var left = new TreeSet<>(mine);
            left.removeAll(theirs);

            assertSame(both, seconds(mine).plus(seconds(theirs)));
            assertSame(left, seconds(mine).minus(seconds(theirs)));
        }
    }

    private static TreeSet<Long> some(Random random) {
        var some = new TreeSet<Long>();
        random.longs(random.nextInt(12), -20, 20).forEach(some::add);
        return some;
    }

    private static Seconds seconds(TreeSet<Long> set) {
        return Seconds.of(set.stream().mapToLong(Long::longValue).toArray());
    }

    private static void assertSame(TreeSet<Long> expected, Seconds found) {
        assertEquals(seconds(expected), found);
        assertEquals(expected.size(), found.count());
        for (long second = -22; second < 22; second++) {
            assertEquals(expected.contains(second), found.contains(second), second + " in " + found);
        }
        assertEquals(found, Seconds.ofBounds(found.bounds()));
    }

    @Test
    void tooManyRangesAreJoinedAtTheirOldEnd() {
        var many = Seconds.of(1, 3, 5, 7, 9);

        assertArrayEquals(new long[] {1, 5, 7, 7, 9, 9}, many.within(3).bounds());
        assertEquals(many, many.within(5));
        assertArrayEquals(new long[] {1, 9}, many.within(1).bounds());
    }

    @Test
    void boundsThatAreNoRangesAreRefused() {
        for (var bad : new long[][] {{1}, {2, 1}, {1, 2, 2, 3}, {1, 2, 3, 4}, {5, 6, 1, 2}}) {
            assertThrows(IllegalArgumentException.class, () -> Seconds.ofBounds(bad));
        }
    }
}

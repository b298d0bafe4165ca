package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each text is told once, again after its time, and again when nobody can remember it. */
class StatementTextsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final long NOW = 1_700_000_000_000L;

    private final StatementTexts texts = new StatementTexts(1_000);

    @Test
    void aKeyIsToldOnceAndAgainAfterItsTime() {
        assertArrayEquals(new long[] {7, 0, -1}, unseen(NOW, 7, 0, 7, -1), "each once");
        texts.told(texts.turn(), new long[] {7, 0}, NOW);
        assertArrayEquals(new long[] {-1}, unseen(NOW + 1, 7, 0, -1));
        assertArrayEquals(new long[] {7}, unseen(NOW + DAY.toMillis(), 7));
        assertArrayEquals(new long[] {7}, unseen(NOW - 1, 7), "a clock that was set back");
    }

    @Test
    void whatWasAskedForBeforeAllWasForgottenIsToldAgain() {
        long turn = texts.turn();
        texts.forget();
        texts.told(turn, new long[] {7}, NOW);
        assertArrayEquals(new long[] {7}, unseen(NOW, 7));
    }

    @Test
    void theLatestHalfIsRememberedAndNoMoreThanAll() {
        var keys =
                LongStream.range(0, 100_000).map(n -> n * 0x9E3779B97F4A7C15L).toArray();
        for (long key : keys) {
            texts.told(texts.turn(), new long[] {key}, NOW);
        }
        int remembered = keys.length - unseen(NOW, keys).length;
        assertTrue(remembered >= 500 && remembered <= 1_000, remembered + " remembered");
        var latest = LongStream.range(keys.length - 500, keys.length)
                .map(n -> keys[(int) n])
                .toArray();
        assertEquals(0, unseen(NOW, latest).length);
    }

    private long[] unseen(long nowMillis, long... keys) {
        return texts.unseen(keys, DAY, nowMillis);
    }
}

package org.pganalytics.collector;

import java.time.Duration;
import java.util.stream.LongStream;

/**
 * Which keys of a dictionary a target's server has been told. Bounded: kept in two halves, and when the newer one is full
 * the older one is forgotten and told again.
 */
final class StatementTexts {
    private static final long NEVER = Long.MIN_VALUE;

    private final int halfMax;
    private LongTable newer = new LongTable(0);
    private LongTable older = new LongTable(0);
    private long turn;

    /** @param keysMax most keys that are remembered, at least 2 */
    StatementTexts(int keysMax) {
        this.halfMax = keysMax / 2;
    }

    /** The keys, each once, not told within the last {@code again}. */
    long[] unseen(long[] keys, Duration again, long nowMillis) {
        return LongStream.of(keys)
                .filter(key -> isUnseen(key, again.toMillis(), nowMillis))
                .distinct()
                .toArray();
    }

    private boolean isUnseen(long key, long againMillis, long nowMillis) {
        long at = newer.get(key, older.get(key, NEVER));
        return at == NEVER || nowMillis - at >= againMillis || nowMillis < at;
    }

    /** Names the present turn, for {@link #told}. */
    long turn() {
        return turn;
    }

    /** Remembers what was kept, unless everything was forgotten since it was asked for. */
    void told(long inTurn, long[] keys, long nowMillis) {
        if (inTurn == turn) {
            for (long key : keys) {
                remember(key, nowMillis);
            }
        }
    }

    private void remember(long key, long nowMillis) {
        if (newer.entries() >= halfMax && newer.get(key, NEVER) == NEVER) {
            older = newer;
            newer = new LongTable(0);
        }
        newer.put(key, nowMillis);
    }

    void forget() {
        turn++;
        newer = new LongTable(0);
        older = new LongTable(0);
    }
}

package org.pganalytics.collector;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which keys of a dictionary a target's server has been told; bounded, the oldest are told again. */
final class StatementTexts {
    private final int keysMax;
    private final Map<Long, Long> sentAtMillis;
    private long turn;

    StatementTexts(int keysMax) {
        this.keysMax = keysMax;
        this.sentAtMillis = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
                return size() > StatementTexts.this.keysMax;
            }
        };
    }

    /** The keys not told within the last {@code again}. */
    List<Long> unseen(Collection<Long> keys, Duration again, long nowMillis) {
        return keys.stream()
                .filter(key -> {
                    var at = sentAtMillis.get(key);
                    return at == null || nowMillis - at >= again.toMillis() || nowMillis < at;
                })
                .toList();
    }

    /** Names the present turn, for {@link #told}. */
    long turn() {
        return turn;
    }

    /** Remembers what was kept, unless everything was forgotten since it was asked for. */
    void told(long inTurn, Collection<Long> keys, long nowMillis) {
        if (inTurn == turn) {
            keys.forEach(key -> {
                sentAtMillis.remove(key);
                sentAtMillis.put(key, nowMillis);
            });
        }
    }

    void forget() {
        turn++;
        sentAtMillis.clear();
    }
}

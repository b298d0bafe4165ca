package org.pganalytics.admission;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What each has a share of its own of, made when it is first needed and dropped when it would be as new. Beyond so many
 * the others have one together. Thread-safe.
 */
final class Allotments<K, V> {
    private static final long SWEEP_EVERY = Duration.ofSeconds(1).toNanos();

    private final int sharesMax;
    private final K others;
    private final Predicate<V> asNew;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<K, V> shares = new ConcurrentHashMap<>();
    private long sweptAt;

    /** @param others the key of those that are too many @param asNew whether a share need not be kept */
    Allotments(int sharesMax, K others, Predicate<V> asNew, LongSupplier nanoClock) {
        this.sharesMax = sharesMax;
        this.others = others;
        this.asNew = asNew;
        this.nanoClock = nanoClock;
        this.sweptAt = nanoClock.getAsLong() - SWEEP_EVERY;
    }

    V of(K key, Function<K, V> fresh) {
        var known = shares.get(key);
        if (known != null) {
            return known;
        }
        if (shares.size() >= sharesMax) {
            sweep();
        }
        return shares.computeIfAbsent(shares.size() < sharesMax ? key : others, fresh);
    }

    int size() {
        return shares.size();
    }

    /** At most once a second: it walks over all of them. */
    private synchronized void sweep() {
        long now = nanoClock.getAsLong();
        if (now - sweptAt >= SWEEP_EVERY) {
            sweptAt = now;
            shares.values().removeIf(asNew);
        }
    }
}

package org.pganalytics.collector.load;

import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Times in which a collector was told of no batch that is stored. Safe to share between event loops. */
final class AckGaps {
    /** Most that are kept; of more the first ones are. */
    private static final int KEPT_MAX = 10_000;

    private final Clock clock;
    private final long keptOverMillis;
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicInteger kept = new AtomicInteger();
    private final Collection<LoadReport.Gap> gaps = new ConcurrentLinkedQueue<>();

    /** @param keptOverMillis longer ones are kept with when they were */
    AckGaps(Clock clock, long keptOverMillis) {
        this.clock = clock;
        this.keptOverMillis = keptOverMillis;
    }

    /** One that ends now. */
    void add(int collector, long nanos) {
        longestNanos.accumulateAndGet(nanos, Math::max);
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        if (millis > keptOverMillis && kept.incrementAndGet() <= KEPT_MAX) {
            long now = clock.millis();
            gaps.add(new LoadReport.Gap(FleetNames.collector(collector), now - millis, now));
        }
    }

    double longestMillis() {
        return longestNanos.get() / 1e6;
    }

    /** In the order in which they began. */
    List<LoadReport.Gap> kept() {
        return gaps.stream()
                .sorted(Comparator.comparingLong(LoadReport.Gap::fromMillis))
                .toList();
    }
}

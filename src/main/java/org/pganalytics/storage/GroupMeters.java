package org.pganalytics.storage;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** What a lane tells of its groups. */
final class GroupMeters {
    private final AtomicInteger waiting = new AtomicInteger();
    private final DistributionSummary rows;
    private final DistributionSummary batches;
    private final Timer duration;
    private final LongSupplier nanoClock;
    /** When the group that is being written was begun; null between two. */
    private volatile Long began;

    GroupMeters(MeterRegistry meters, int lane, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        var name = Integer.toString(lane);
        meters.gauge("pganalytics.storage.queue.batches", List.of(Tag.of("lane", name)), waiting);
        rows = DistributionSummary.builder("pganalytics.storage.group.rows")
                .description("rows in a transaction")
                .tag("lane", name)
                .register(meters);
        batches = DistributionSummary.builder("pganalytics.storage.group.batches")
                .description("batches in a transaction")
                .tag("lane", name)
                .register(meters);
        duration = Timer.builder("pganalytics.storage.group.duration")
                .description("from taking a group off the queue to its answers")
                .tag("lane", name)
                .register(meters);
        TimeGauge.builder("pganalytics.storage.group.running", this, TimeUnit.NANOSECONDS, GroupMeters::runningNanos)
                .description("how long the group that is being written has been under way")
                .tag("lane", name)
                .strongReference(true)
                .register(meters);
    }

    private double runningNanos() {
        var since = began;
        return since == null ? 0 : nanoClock.getAsLong() - since;
    }

    void waiting(int batchCount) {
        waiting.set(batchCount);
    }

    void writes() {
        began = nanoClock.getAsLong();
    }

    void wrote(List<Pending> group) {
        duration.record((long) runningNanos(), TimeUnit.NANOSECONDS);
        began = null;
        batches.record(group.size());
        rows.record(group.stream().mapToLong(one -> one.batch().rows()).sum());
    }
}

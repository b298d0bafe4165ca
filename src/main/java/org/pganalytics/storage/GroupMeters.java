package org.pganalytics.storage;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What a lane tells of its groups. */
final class GroupMeters {
    private final AtomicInteger waiting = new AtomicInteger();
    private final DistributionSummary rows;
    private final DistributionSummary batches;
    private final Timer duration;

    GroupMeters(MeterRegistry meters, int lane) {
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
    }

    void waiting(int batchCount) {
        waiting.set(batchCount);
    }

    void wrote(List<Pending> group, long nanos) {
        duration.record(nanos, TimeUnit.NANOSECONDS);
        batches.record(group.size());
        rows.record(group.stream().mapToLong(one -> one.batch().rows()).sum());
    }
}

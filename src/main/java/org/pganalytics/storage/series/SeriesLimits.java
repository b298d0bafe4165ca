package org.pganalytics.storage.series;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.Position;

/**
 * Counts the series that collectors create, and folds the rows of those beyond a limit. What it knows is in memory: a start
 * of the server begins the day anew, and each server counts what it sees itself. Thread-safe.
 */
public final class SeriesLimits {
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);
    /** This part of the memory is for the counters of folded series. */
    private static final int FOLLOWING = 4;

    private final Clock clock;
    private final SeriesHash hash;
    private final SeriesMemory counting = new SeriesMemory();
    private final SeriesMemory following = new SeriesMemory();
    private final Map<UUID, CollectorSeries> collectors = new ConcurrentHashMap<>();
    private volatile SeriesConfig config;

    /** @param random one that cannot be foretold */
    public SeriesLimits(SeriesConfig config, Clock clock, RandomGenerator random, MeterRegistry meters) {
        this.config = config;
        this.clock = clock;
        this.hash = new SeriesHash(random);
        limit(config.memoryBytesMax());
        Gauge.builder("pganalytics.storage.series", this, SeriesLimits::tracked)
                .description("series that collectors created today")
                .register(meters);
        Gauge.builder("pganalytics.storage.series.bytes", this, SeriesLimits::bytes)
                .description("memory that counting series takes")
                .register(meters);
    }

    /** Takes other limits from now on; series that have rows of their own today keep them. */
    public void reload(SeriesConfig changed) {
        config = config.withLimitsOf(changed);
        limit(changed.memoryBytesMax());
    }

    /** Apart from each other, so that following some folded series never keeps another from being counted. */
    private void limit(long bytes) {
        following.limit(bytes / FOLLOWING);
        counting.limit(bytes - bytes / FOLLOWING);
    }

    private double bytes() {
        return counting.taken() + following.taken();
    }

    /**
     * The blocks as they are to be stored, in their order. To be asked for the batches of a collector in their order; asked
     * again for the same batch, it answers the same.
     *
     * @param position of the batch; null when it is one of those before, stored later
     * @param declared families as the server declares them
     */
    public List<FoldedBlock> fold(
            UUID collector, Position position, List<ColumnBlock> blocks, Function<String, MetricFamily> declared) {
        var rules = new CollectorSeries.Rules(config, declared, today());
        while (true) {
            var known = collectors.computeIfAbsent(
                    collector, added -> new CollectorSeries(added, hash, counting, following, rules.day()));
            var folded = known.fold(position, blocks, rules);
            if (folded.isPresent()) {
                return folded.get();
            }
        }
    }

    /** @param here whether this server has committed the batch, not another one or nobody */
    public void answered(UUID collector, Position position, boolean here) {
        var known = collectors.get(collector);
        if (known != null && position instanceof BatchPosition number) {
            known.answered(number, here);
        }
    }

    /** What was folded is committed. @return whether it is the first of this collector and family today */
    public boolean committed(UUID collector, String family, Folding folding) {
        var known = collectors.get(collector);
        return known != null && known.committed(family, folding);
    }

    /** What is counted of a collector's family today. */
    public Optional<SeriesCount> count(UUID collector, String family) {
        return Optional.ofNullable(collectors.get(collector)).map(known -> known.count(family));
    }

    List<SeriesCount> takeChanges() {
        long today = today();
        var changes = new ArrayList<SeriesCount>();
        for (var collector : collectors.keySet()) {
            collectors.computeIfPresent(collector, (id, known) -> {
                var told = known.takeChanges(today);
                changes.addAll(told);
                // They may be put back.
                return told.isEmpty() && known.retire(today) ? null : known;
            });
        }
        return changes;
    }

    void putBack(List<SeriesCount> changes) {
        for (var change : changes) {
            var known = collectors.get(change.collector());
            if (known != null) {
                known.putBack(change);
            }
        }
    }

    private double tracked() {
        return collectors.values().stream().mapToLong(CollectorSeries::size).sum();
    }

    private long today() {
        return Math.floorDiv(clock.millis(), DAY_MILLIS);
    }
}

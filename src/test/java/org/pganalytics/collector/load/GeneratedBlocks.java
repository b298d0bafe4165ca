package org.pganalytics.collector.load;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/** The rows that {@code load} sends, for whoever measures with them. */
public final class GeneratedBlocks {
    private static final long SEED = 20_261_121;

    private final BlockGenerator generator;

    public GeneratedBlocks(List<MetricFamily> families) {
        generator = new BlockGenerator(SEED, families);
    }

    /** One family of several targets of one collector, all at one moment. */
    public List<ColumnBlock> ofTargets(MetricFamily family, int collector, int targets, long micros) {
        return IntStream.range(0, targets)
                .mapToObj(target -> new SampleSource(collector, target, 1, micros))
                .map(source -> generator.block(family, FleetNames.target(source), source))
                .toList();
    }

    /** One family of a collector's first target, at several moments that end at the given one, oldest first. */
    public List<ColumnBlock> ofMoments(MetricFamily family, int collector, int moments, Duration every, long micros) {
        return IntStream.rangeClosed(1, moments)
                .mapToObj(tick ->
                        new SampleSource(collector, 0, tick, micros - (moments - tick) * every.toMillis() * 1_000))
                .map(source -> generator.block(family, FleetNames.target(source), source))
                .toList();
    }

    /** What one target sends at one observation: a block of each family, dictionaries with the first one only. */
    public List<ColumnBlock> ofTick(int collector, int tick, long micros) {
        var source = new SampleSource(collector, 0, tick, micros);
        return generator.families().stream()
                .filter(family -> BlockGenerator.isSeen(family, source))
                .map(family -> generator.block(family, FleetNames.target(source), source))
                .toList();
    }
}

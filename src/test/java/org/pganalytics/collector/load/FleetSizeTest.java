package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.wire.Sizes;

/** What the batches of {@code load}'s fleet take, beside those of an agent in {@code SizeTest}. */
class FleetSizeTest {
    private static final long NOW = 1_795_219_200_000_123L;
    private static final long INTERVAL_MICROS = 10_000_000;

    /**
     * Short of the goal of a third: the generator is there to find what goes wrong, so its numbers have more digits that
     * nobody can foresee than those of a real server.
     */
    @Test
    void theBatchesOfAFleetAreHeldWhereTheyAre() {
        var families = FamilyFiles.load(Path.of("conf/families"));
        var generator = new BlockGenerator(42, families);
        var first = Sizes.NOTHING;
        var later = Sizes.NOTHING;
        for (int number = 0; number < 16; number++) {
            int tick = number % 4;
            var source = new SampleSource(number / 8, number / 4 % 2, tick, NOW + tick * INTERVAL_MICROS);
            var blocks = new ArrayList<ColumnBlock>();
            for (var family : families) {
                if (BlockGenerator.isSeen(family, source)) {
                    blocks.add(generator.block(family, FleetNames.target(source), source));
                }
            }
            first = tick > 0 ? first : first.and(Sizes.of(blocks));
            later = tick == 0 ? later : later.and(Sizes.of(blocks));
        }

        first.print("a fleet's first batches, with the texts");
        later.print("a fleet's later batches");
        double all = first.and(later).share();
        assertTrue(all <= 0.47, () -> "share " + all);
    }
}

package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

class BlockGeneratorTest {
    private static final long NOW = 1_763_680_000_123_456L;
    private final BlockGenerator generator = new BlockGenerator(7, TestFamilies.ALL);

    @Test
    void theSameObservationCanBeMadeAgain() {
        var again = new BlockGenerator(7, TestFamilies.ALL);
        for (var family : TestFamilies.ALL) {
            assertEquals(block(generator, family, 3), block(again, family, 3));
        }
    }

    @Test
    void seedCollectorTargetAndTickMakeADifference() {
        var family = TestFamilies.DATABASES;
        var source = new SampleSource(1, 1, 1, NOW);
        var first = ContentHash.of(generator.block(family, "t", source));
        for (var other : new ColumnBlock[] {
            new BlockGenerator(8, TestFamilies.ALL).block(family, "t", source),
            generator.block(family, "t", new SampleSource(2, 1, 1, NOW)),
            generator.block(family, "t", new SampleSource(1, 2, 1, NOW)),
            generator.block(family, "t", new SampleSource(1, 1, 2, NOW))
        }) {
            assertNotEquals(first, ContentHash.of(other));
        }
    }

    @Test
    void countersNeverFallAndKeysStay() {
        for (var family : new MetricFamily[] {TestFamilies.DATABASES, TestFamilies.STATEMENTS}) {
            var earlier = block(generator, family, 0);
            for (int tick = 1; tick < 50; tick++) {
                var later = block(generator, family, tick);
                assertFollows(family, earlier, later);
                earlier = later;
            }
        }
    }

    private static void assertFollows(MetricFamily family, ColumnBlock earlier, ColumnBlock later) {
        for (int at = 0; at < family.schema().columns().size(); at++) {
            var column = family.schema().columns().get(at);
            if (column.role() == ColumnRole.KEY && !column.name().equals("toplevel")) {
                assertEquals(earlier.vectors().get(at), later.vectors().get(at), column.name());
            } else if (column.role() == ColumnRole.COUNTER) {
                var from = numbers(earlier.vectors().get(at));
                var to = numbers(later.vectors().get(at));
                assertTrue(IntStream.range(0, from.length).allMatch(row -> from[row] <= to[row]), column.name());
            }
        }
    }

    @Test
    void everyStatementHasItsText() {
        var statements = (ColumnVector.Longs)
                block(generator, TestFamilies.STATEMENTS, 9).vectors().get(1);
        var texts = (ColumnVector.Longs)
                block(generator, TestFamilies.TEXTS, 0).vectors().get(0);
        assertArrayEquals(statements.values(), texts.values());
        assertEquals(300, Arrays.stream(texts.values()).distinct().count());
    }

    @Test
    void thereAreNullsAndCharactersBeyondAscii() {
        var states = (ColumnVector.Texts) IntStream.range(0, 1_000)
                .mapToObj(tick ->
                        block(generator, TestFamilies.DATABASES, tick).vectors().get(8))
                .filter(vector -> IntStream.range(0, vector.rows()).anyMatch(vector::isNull))
                .findFirst()
                .orElseThrow();
        assertEquals(5, states.rows());
        var text = (ColumnVector.Texts)
                block(generator, TestFamilies.TEXTS, 0).vectors().get(1);
        assertTrue(text.text(0).contains("état"));
    }

    private static ColumnBlock block(BlockGenerator generator, MetricFamily family, int tick) {
        return generator.block(family, "t", new SampleSource(4, 2, tick, NOW + tick));
    }

    private static double[] numbers(ColumnVector vector) {
        return vector instanceof ColumnVector.Longs longs
                ? Arrays.stream(longs.values()).asDoubleStream().toArray()
                : ((ColumnVector.Doubles) vector).values();
    }
}

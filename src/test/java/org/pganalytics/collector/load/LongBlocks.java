package org.pganalytics.collector.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/** Generated rows of many targets as though they were one target's: blocks of any length, for a family without texts. */
public final class LongBlocks {
    private LongBlocks() {}

    public static ColumnBlock of(MetricFamily family, int collector, int rows, long micros) {
        int targets = (rows + BlockGenerator.rows(family) - 1) / BlockGenerator.rows(family);
        var blocks = new GeneratedBlocks(List.of(family)).ofTargets(family, collector, targets, micros);
        var vectors = new ArrayList<ColumnVector>();
        for (int at = 0; at < family.schema().columns().size(); at++) {
            int column = at;
            vectors.add(joined(
                    blocks.stream().map(block -> block.vectors().get(column)).toList(), rows));
        }
        return new ColumnBlock(family.schema(), blocks.get(0).target(), micros, rows, vectors);
    }

    private static ColumnVector joined(List<ColumnVector> parts, int rows) {
        int all = parts.stream().mapToInt(ColumnVector::rows).sum();
        var nulls = new BitSet();
        var longs = new long[all];
        var doubles = new double[all];
        int from = 0;
        for (var part : parts) {
            if (part instanceof ColumnVector.Longs more) {
                System.arraycopy(more.values(), 0, longs, from, more.rows());
            } else {
                System.arraycopy(((ColumnVector.Doubles) part).values(), 0, doubles, from, part.rows());
            }
            for (int row = 0; row < part.rows(); row++) {
                nulls.set(from + row, part.isNull(row));
            }
            from += part.rows();
        }
        return parts.get(0) instanceof ColumnVector.Longs
                ? new ColumnVector.Longs(Arrays.copyOf(longs, rows), nulls.get(0, rows))
                : new ColumnVector.Doubles(Arrays.copyOf(doubles, rows), nulls.get(0, rows));
    }
}

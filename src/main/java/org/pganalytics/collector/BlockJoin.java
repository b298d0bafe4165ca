package org.pganalytics.collector;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/** Puts the parts of one reading together: rows came some at a time, so that only few stood in memory as objects. */
final class BlockJoin {
    private BlockJoin() {}

    /** @param parts of one family, target and moment; empty when there are none */
    static Optional<ColumnBlock> of(List<ColumnBlock> parts) {
        if (parts.size() <= 1) {
            return parts.stream().findFirst();
        }
        var first = parts.get(0);
        int rows = parts.stream().mapToInt(ColumnBlock::rows).sum();
        var vectors = new ArrayList<ColumnVector>();
        for (int column = 0; column < first.vectors().size(); column++) {
            int at = column;
            vectors.add(join(
                    rows, parts.stream().map(part -> part.vectors().get(at)).toList()));
        }
        return Optional.of(new ColumnBlock(first.schema(), first.target(), first.collectedAtMicros(), rows, vectors));
    }

    private static ColumnVector join(int rows, List<ColumnVector> parts) {
        if (parts.get(0) instanceof ColumnVector.Texts) {
            return texts(rows, parts);
        }
        var nulls = new BitSet(rows);
        int offset = 0;
        for (var part : parts) {
            for (int row = 0; row < part.rows(); row++) {
                nulls.set(offset + row, part.isNull(row));
            }
            offset += part.rows();
        }
        return parts.get(0) instanceof ColumnVector.Doubles ? doubles(rows, parts, nulls) : longs(rows, parts, nulls);
    }

    private static ColumnVector doubles(int rows, List<ColumnVector> parts, BitSet nulls) {
        var values = new double[rows];
        int offset = 0;
        for (var part : parts) {
            System.arraycopy(((ColumnVector.Doubles) part).values(), 0, values, offset, part.rows());
            offset += part.rows();
        }
        return new ColumnVector.Doubles(values, nulls);
    }

    private static ColumnVector longs(int rows, List<ColumnVector> parts, BitSet nulls) {
        var values = new long[rows];
        int offset = 0;
        for (var part : parts) {
            System.arraycopy(((ColumnVector.Longs) part).values(), 0, values, offset, part.rows());
            offset += part.rows();
        }
        return new ColumnVector.Longs(values, nulls);
    }

    private static ColumnVector texts(int rows, List<ColumnVector> parts) {
        Map<ByteBuffer, Integer> places = new HashMap<>();
        var dictionary = new ArrayList<byte[]>();
        var indexes = new int[rows];
        int offset = 0;
        for (var part : parts) {
            var texts = (ColumnVector.Texts) part;
            for (int row = 0; row < texts.rows(); row++) {
                int old = texts.indexes()[row];
                indexes[offset + row] = old < 0 ? -1 : place(texts.dictionary()[old], places, dictionary);
            }
            offset += part.rows();
        }
        return new ColumnVector.Texts(dictionary.toArray(byte[][]::new), indexes);
    }

    private static int place(byte[] text, Map<ByteBuffer, Integer> places, List<byte[]> dictionary) {
        return places.computeIfAbsent(ByteBuffer.wrap(text), unseen -> {
            dictionary.add(text);
            return dictionary.size() - 1;
        });
    }
}

package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;

/** Makes any kind of batch out of a seed. */
final class Batches {
    private static final double[] ODD_FLOATS = {
        0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, -Double.MAX_VALUE
    };
    private static final String[] ODD_TEXTS = {"", " ", "é", "漢字", "😀", "a\"b\\c\n\t", "\u0001", "NULL", "\\N"};

    private final Random random;

    Batches(long seed) {
        this.random = new Random(seed);
    }

    List<ColumnBlock> blocks(int count, int rowsMax) {
        var blocks = new ArrayList<ColumnBlock>();
        for (int block = 0; block < count; block++) {
            var next = block("family_" + block, 1 + random.nextInt(rowsMax));
            blocks.add(next);
            if (random.nextBoolean()) {
                blocks.add(later(next));
            }
        }
        return blocks;
    }

    ColumnBlock block(String family, int rows) {
        var columns = new ArrayList<Column>();
        var vectors = new ArrayList<ColumnVector>();
        int count = 1 + random.nextInt(9);
        for (int column = 0; column < count; column++) {
            var type = ColumnType.values()[random.nextInt(ColumnType.values().length)];
            var role = ColumnRole.values()[random.nextInt(ColumnRole.values().length)];
            columns.add(new Column("c" + column, type, role));
            vectors.add(vector(type, rows));
        }
        var target = ODD_TEXTS[2 + random.nextInt(3)] + random.nextInt(9);
        return new ColumnBlock(FamilySchema.of(family, columns), target, timestamp(), rows, vectors);
    }

    /** The same source a moment later: some columns as before, some a little different, some all different. */
    private ColumnBlock later(ColumnBlock block) {
        var vectors = new ArrayList<ColumnVector>();
        for (int column = 0; column < block.vectors().size(); column++) {
            var before = block.vectors().get(column);
            int kind = random.nextInt(3);
            if (kind == 0) {
                vectors.add(before);
            } else if (kind == 1 && before instanceof ColumnVector.Doubles doubles) {
                var values = doubles.values().clone();
                int row = doubles.nulls().nextClearBit(0);
                if (row < values.length) {
                    values[row] += 1;
                }
                vectors.add(new ColumnVector.Doubles(values, doubles.nulls()));
            } else {
                vectors.add(vector(block.schema().columns().get(column).type(), block.rows()));
            }
        }
        return new ColumnBlock(block.schema(), block.target(), block.collectedAtMicros() + 1, block.rows(), vectors);
    }

    BatchPosition position() {
        long sequence = 1 + (random.nextLong() >>> 1 + random.nextInt(62));
        long dropped = random.nextBoolean() ? 0 : random.nextInt((int) Math.min(sequence, 1000));
        return new BatchPosition(1 + random.nextInt(Integer.MAX_VALUE), sequence, sequence - dropped);
    }

    List<Loss> losses() {
        var losses = new ArrayList<Loss>();
        for (int loss = random.nextInt(4); loss > 0; loss--) {
            var reason = Loss.Reason.values()[random.nextInt(Loss.Reason.values().length)];
            losses.add(new Loss(
                    random.nextBoolean() ? "" : "family_" + loss,
                    reason,
                    random.nextInt(99),
                    timestamp(),
                    timestamp()));
        }
        return losses;
    }

    static LongFunction<FamilySchema> declared(List<ColumnBlock> blocks) {
        return fingerprint -> blocks.stream()
                .map(ColumnBlock::schema)
                .filter(schema -> schema.fingerprint() == fingerprint)
                .findFirst()
                .orElse(null);
    }

    private ColumnVector vector(ColumnType type, int rows) {
        var nulls = nulls(rows);
        int shape = random.nextInt(5);
        switch (type) {
            case TEXT:
                return texts(rows, nulls, shape);
            case FLOAT8:
                var doubles = new double[rows];
                for (int row = 0; row < rows; row++) {
                    doubles[row] = nulls.get(row) ? 0 : number(shape, row);
                }
                return new ColumnVector.Doubles(doubles, nulls);
            default:
                var longs = new long[rows];
                for (int row = 0; row < rows; row++) {
                    longs[row] = nulls.get(row) ? 0 : number(type, shape, row);
                }
                return new ColumnVector.Longs(longs, nulls);
        }
    }

    private ColumnVector texts(int rows, BitSet nulls, int shape) {
        var texts = new ArrayList<String>(List.of(ODD_TEXTS));
        for (int extra = 0; extra < (shape == 0 ? rows : shape); extra++) {
            texts.add("text " + extra);
        }
        var indexes = new int[rows];
        for (int row = 0; row < rows; row++) {
            indexes[row] = nulls.get(row) ? -1 : index(shape, row, texts.size());
        }
        var bytes = texts.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        return new ColumnVector.Texts(bytes, indexes);
    }

    private int index(int shape, int row, int texts) {
        if (shape == 0) {
            return (ODD_TEXTS.length + row) % texts;
        }
        return shape == 4 ? row / 7 % texts : random.nextInt(texts);
    }

    private BitSet nulls(int rows) {
        double share = new double[] {0, 0, 0.2, 0.5, 1}[random.nextInt(5)];
        var nulls = new BitSet();
        for (int row = 0; row < rows; row++) {
            nulls.set(row, random.nextDouble() < share);
        }
        return nulls;
    }

    private double number(int shape, int row) {
        switch (shape) {
            case 0:
                return 42.5;
            case 1:
                return random.nextInt(1_000_000) - 500_000;
            case 2:
                return random.nextInt(1_000_000) / 1000.0;
            case 3:
                return ODD_FLOATS[(row + random.nextInt(2)) % ODD_FLOATS.length];
            default:
                return Double.longBitsToDouble(random.nextLong());
        }
    }

    private long number(ColumnType type, int shape, int row) {
        long value = shape == 0
                ? 7
                : shape == 1
                        ? 1_000L * row + random.nextInt(9)
                        : shape == 2 ? random.nextInt(200) - 100 : random.nextLong() >> random.nextInt(64);
        return switch (type) {
            case BOOL -> value & 1;
            case INT4 -> (int) value;
            case TIMESTAMPTZ -> shape == 3 ? Math.max(value, VectorReader.TIMESTAMP_MIN) : timestamp();
            default -> value;
        };
    }

    private long timestamp() {
        return 1_790_000_000_000_000L + random.nextInt();
    }
}

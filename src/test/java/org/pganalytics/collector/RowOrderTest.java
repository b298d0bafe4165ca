package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

class RowOrderTest {
    private static final FamilySchema SCHEMA = FamilySchema.of(
            "ordered",
            List.of(
                    new Column("text", ColumnType.TEXT, ColumnRole.KEY),
                    new Column("db", ColumnType.INT8, ColumnRole.KEY),
                    new Column("calls", ColumnType.INT8, ColumnRole.COUNTER),
                    new Column("query", ColumnType.INT8, ColumnRole.KEY),
                    new Column("mean", ColumnType.FLOAT8, ColumnRole.GAUGE)));

    private static ColumnBlock block(long[] db, long[] calls, long[] query, String... texts) {
        var dictionary = Stream.of(texts)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        var indexes = new int[texts.length];
        var means = new double[texts.length];
        var nulls = new BitSet();
        for (int row = 0; row < texts.length; row++) {
            indexes[row] = row;
            means[row] = calls[row];
            nulls.set(row, calls[row] == 0);
        }
        return new ColumnBlock(
                SCHEMA,
                "t",
                1,
                texts.length,
                List.of(
                        new ColumnVector.Texts(dictionary, indexes),
                        new ColumnVector.Longs(db, new BitSet()),
                        new ColumnVector.Longs(calls, new BitSet()),
                        new ColumnVector.Longs(query, new BitSet()),
                        new ColumnVector.Doubles(means, nulls)));
    }

    @Test
    void wholeRowsStandInTheOrderOfTheirKeys() {
        var mixed = block(
                new long[] {2, 1, 2, 1},
                new long[] {7, 0, 5, 9},
                new long[] {3, -5, Long.MIN_VALUE, 8},
                "c",
                "a",
                "b",
                "d");

        assertEquals(
                block(
                        new long[] {1, 1, 2, 2},
                        new long[] {0, 9, 5, 7},
                        new long[] {-5, 8, Long.MIN_VALUE, 3},
                        "a",
                        "d",
                        "b",
                        "c"),
                RowOrder.byKeys(mixed));
    }

    @Test
    void rowsThatStandInOrderStay() {
        var one = block(new long[] {2}, new long[] {7}, new long[] {3}, "c");
        var equal = block(new long[] {1, 1}, new long[] {9, 7}, new long[] {3, 3}, "z", "c");

        assertSame(one, RowOrder.byKeys(one));
        assertSame(equal, RowOrder.byKeys(equal));
    }
}

package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

class ContentHashTest {
    private static final FamilySchema SCHEMA = FamilySchema.of(
            "f",
            List.of(
                    new Column("a", ColumnType.INT8, ColumnRole.KEY),
                    new Column("b", ColumnType.INT8, ColumnRole.GAUGE),
                    new Column("c", ColumnType.FLOAT8, ColumnRole.GAUGE),
                    new Column("d", ColumnType.TEXT, ColumnRole.TEXT)));

    private record Row(long a, Long b, double c, String d) {}

    private static final Row ONE = new Row(1, 2L, 0.0, "x");
    private static final Row TWO = new Row(2, null, Double.NaN, null);

    @Test
    void theOrderOfRowsDoesNotMatter() {
        assertEquals(hash(ONE, TWO), hash(TWO, ONE));
    }

    @Test
    void everyDifferenceIsSeen() {
        var hashes = new HashSet<ContentHash>();
        var sets = List.of(
                new Row[] {ONE, TWO},
                new Row[] {ONE},
                new Row[] {ONE, TWO, TWO},
                new Row[] {ONE, ONE},
                new Row[] {new Row(1, 3L, 0.0, "x"), TWO},
                new Row[] {new Row(2, 1L, 0.0, "x"), TWO},
                new Row[] {new Row(1, 2L, -0.0, "x"), TWO},
                new Row[] {new Row(1, 2L, 0.0, ""), TWO},
                new Row[] {new Row(1, 2L, 0.0, null), TWO},
                new Row[] {new Row(1, 0L, 0.0, "x"), TWO},
                new Row[] {new Row(1, null, 0.0, "x"), TWO},
                new Row[] {new Row(1, 2L, 0.0, "x "), TWO},
                new Row[] {new Row(1, 2L, 0.0, "eight by"), TWO},
                new Row[] {new Row(1, 2L, 0.0, "eight bz"), TWO});
        sets.forEach(rows -> hashes.add(hash(rows)));
        assertEquals(sets.size(), hashes.size());
    }

    @Test
    void valuesThatSwapTheirColumnsAreSeen() {
        assertNotEquals(hash(new Row(1, 2L, 3, "x")), hash(new Row(2, 1L, 3, "x")));
    }

    private static ContentHash hash(Row... rows) {
        var a = new long[rows.length];
        var b = new long[rows.length];
        var nulls = new BitSet();
        var c = new double[rows.length];
        var d = new int[rows.length];
        var dictionary = new byte[rows.length][];
        for (int at = 0; at < rows.length; at++) {
            a[at] = rows[at].a();
            b[at] = rows[at].b() == null ? 0 : rows[at].b();
            nulls.set(at, rows[at].b() == null);
            c[at] = rows[at].c();
            d[at] = rows[at].d() == null ? -1 : at;
            dictionary[at] = String.valueOf(rows[at].d()).getBytes(StandardCharsets.UTF_8);
        }
        return ContentHash.of(new ColumnBlock(
                SCHEMA,
                "t",
                0,
                rows.length,
                List.of(
                        new ColumnVector.Longs(a, new BitSet()),
                        new ColumnVector.Longs(b, nulls),
                        new ColumnVector.Doubles(c, new BitSet()),
                        new ColumnVector.Texts(dictionary, d))));
    }
}

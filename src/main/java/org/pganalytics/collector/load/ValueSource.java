package org.pganalytics.collector.load;

import java.util.concurrent.TimeUnit;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;

/**
 * The numbers of one column at one observation, distributed as a server's are: few busy rows whose counters are all large
 * and a long tail of small ones, columns that are hardly used, rows that stand still.
 *
 * @param salt differs between columns, targets and collectors, and stays the same from tick to tick
 * @param rows differs between families, targets and collectors, and is the same for all columns of a row
 */
record ValueSource(long salt, long rows, SampleSource source) {
    private static final int ODD_FLOATS_ONE_IN = 5_000;
    private static final double[] ODD_FLOATS = {
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, Double.MAX_VALUE
    };
    private static final int BUSY_BITS = 20;
    private static final int COLUMN_BITS = 11;
    private static final int FIRST_OID = 16_384;
    private static final long STARTED_MICROS = TimeUnit.DAYS.toMicros(20_000);

    /** A number that belongs to the row for ever. */
    long lasting(int row) {
        return RowHash.mix(salt + row);
    }

    /** A number that is new at every tick. */
    long fleeting(int row) {
        return RowHash.mix(lasting(row) + source.tick() + 1);
    }

    /** In half of the columns a tenth of the rows has none; now and then there is none anywhere. */
    boolean isNull(int row, ColumnRole role) {
        boolean mayBe = role != ColumnRole.KEY && role != ColumnRole.COUNTER;
        return mayBe && (oneIn(2, salt) && oneIn(10, lasting(row) >>> 20) || oneIn(200, fleeting(row)));
    }

    long integer(int row, ColumnType type, ColumnRole role) {
        return switch (type) {
            case BOOL -> oneIn(20, lasting(row)) || role != ColumnRole.KEY && oneIn(100, fleeting(row)) ? 0 : 1;
            case TIMESTAMPTZ -> timestamp(row, role);
            default ->
                switch (role) {
                    case KEY -> FIRST_OID + 3L * row + pick(lasting(row), 3);
                    case COUNTER -> counter(row);
                    default -> gauge(row);
                };
        };
    }

    /** Milliseconds with µs; in one column of eight all further digits that arithmetic leaves. */
    double float8(int row, ColumnRole role) {
        double further = oneIn(8, salt >>> 9) ? pick(lasting(row), 1_000) / 1e6 : 0;
        if (role == ColumnRole.COUNTER) {
            return counter(row) / 1_000.0 + further;
        }
        if (role == ColumnRole.GAUGE && oneIn(ODD_FLOATS_ONE_IN, fleeting(row) >>> 8)) {
            return ODD_FLOATS[pick(lasting(row), ODD_FLOATS.length)];
        }
        return gauge(row) / 1_000.0 + further;
    }

    /** Small, or none; each row now and then moves a little. */
    private long gauge(int row) {
        long middle = oneIn(3, salt >>> 12) && !oneIn(8, lasting(row) >>> 3) ? 0 : magnitude(row);
        return middle + (stands(row) ? 0 : pick(fleeting(row) >>> 8, 1 + (int) Math.min(middle >>> 3, 1 << 20)));
    }

    /**
     * Never falls. A third of the columns is zero nearly everywhere; another third counts what happens as often as the row
     * is used, in all but a quarter of the rows: its calls, its rows, its scans.
     */
    private long counter(int row) {
        int kind = pick(salt, 3);
        if (kind == 0 && !oneIn(16, lasting(row) >>> 3)) {
            return 0;
        }
        if (kind == 1 && !oneIn(4, lasting(row) >>> 5)) {
            return grown(
                    busy(row) >>> Long.SIZE - 1 - pick(busy(row), BUSY_BITS),
                    RowHash.mix(busy(row) + source.tick()),
                    row);
        }
        return grown(magnitude(row), fleeting(row), row);
    }

    private long grown(long start, long random, int row) {
        if (stands(row)) {
            return start;
        }
        int growthMax = 1 + (int) Math.min(start >>> 6, 1 << 20);
        return start + (long) source.tick() * growthMax + pick(random, growthMax);
    }

    /** From 0 to 2³⁰: of as many bits as the row is busy, and some of the column's. */
    private long magnitude(int row) {
        int bits = pick(busy(row), BUSY_BITS) + pick(salt >>> 16, COLUMN_BITS);
        return bits == 0 ? 0 : lasting(row) >>> Long.SIZE - bits;
    }

    private boolean stands(int row) {
        return oneIn(2, busy(row) >>> 6);
    }

    private long busy(int row) {
        return RowHash.mix(rows + row);
    }

    /** When the row began, or when something last happened to it. */
    private long timestamp(int row, ColumnRole role) {
        boolean began = role == ColumnRole.KEY || oneIn(2, salt >>> 5) || stands(row);
        return began
                ? STARTED_MICROS + Long.remainderUnsigned(lasting(row), TimeUnit.DAYS.toMicros(30))
                : source.collectedAtMicros() - pick(fleeting(row), 10_000_000);
    }

    private static boolean oneIn(int choices, long random) {
        return pick(random, choices) == 0;
    }

    static int pick(long random, int choices) {
        return (int) Long.remainderUnsigned(random, choices);
    }
}

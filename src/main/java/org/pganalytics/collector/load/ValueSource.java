package org.pganalytics.collector.load;

import java.util.concurrent.TimeUnit;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;

/**
 * The numbers of one column at one observation.
 *
 * @param salt differs between columns, targets and collectors, and stays the same from tick to tick
 */
record ValueSource(long salt, SampleSource source) {
    private static final int NULLS_ONE_IN = 40;
    private static final int ODD_FLOATS_ONE_IN = 5_000;
    private static final double[] ODD_FLOATS = {
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, Double.MAX_VALUE
    };
    private static final int FIRST_OID = 16_384;
    private static final int OIDS = 100_000;

    /** A number that belongs to the row for ever. */
    long lasting(int row) {
        return RowHash.mix(salt + row);
    }

    /** A number that is new at every tick. */
    long fleeting(int row) {
        return RowHash.mix(lasting(row) + source.tick() + 1);
    }

    boolean isNull(int row, ColumnRole role) {
        return role != ColumnRole.KEY && role != ColumnRole.COUNTER && pick(fleeting(row), NULLS_ONE_IN) == 0;
    }

    long integer(int row, ColumnType type, ColumnRole role) {
        return switch (type) {
            case BOOL -> fleeting(row) & 1;
            case TIMESTAMPTZ -> timestamp(row, role);
            case INT4 -> role == ColumnRole.KEY ? FIRST_OID + pick(lasting(row), OIDS) : pick(fleeting(row), 50_000);
            default -> int8(row, role);
        };
    }

    double float8(int row, ColumnRole role) {
        if (role == ColumnRole.COUNTER) {
            return counter(row) / 1_000.0 + pick(lasting(row), 1_000) / 1e6;
        }
        if (role == ColumnRole.GAUGE && pick(fleeting(row) >>> 8, ODD_FLOATS_ONE_IN) == 0) {
            return ODD_FLOATS[pick(lasting(row), ODD_FLOATS.length)];
        }
        return pick(fleeting(row) >>> 8, 1_000_000) / 997.0;
    }

    private long int8(int row, ColumnRole role) {
        return switch (role) {
            case KEY -> lasting(row);
            case COUNTER -> counter(row);
            default -> pick(lasting(row), 1 << 30) + pick(fleeting(row), 8_192) * 8L;
        };
    }

    /**
     * Never falls. As in a real database, the counters of about a third of the columns are zero nearly everywhere, about
     * a third of the others stand still, and some grow a million times faster than others.
     */
    private long counter(int row) {
        long lasting = lasting(row);
        if (pick(salt, 3) == 0 && pick(lasting >>> 3, 16) != 0) {
            return 0;
        }
        long start = lasting >>> 1 >>> pick(lasting, 40) + 20;
        if (pick(lasting >>> 6, 3) == 0) {
            return start;
        }
        int rateMax = 1 << pick(lasting >>> 12, 20);
        return start + (long) source.tick() * rateMax + pick(fleeting(row), rateMax);
    }

    /** For a key one that stays, else one in the last hour. */
    private long timestamp(int row, ColumnRole role) {
        return role == ColumnRole.KEY
                ? TimeUnit.DAYS.toMicros(15_000) + (lasting(row) >>> 16)
                : source.collectedAtMicros() - Math.floorMod(fleeting(row), TimeUnit.HOURS.toMicros(1));
    }

    static int pick(long random, int choices) {
        return (int) Long.remainderUnsigned(random, choices);
    }
}

package org.pganalytics.collector.load;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/**
 * Makes the rows that a busy PostgreSQL server might show: hundreds of statements, tables and indexes, counters that
 * grow, gauges that move, nulls. The same seed and {@link SampleSource} give the same rows, on any thread.
 */
final class BlockGenerator {
    private static final int ROWS_OF_OTHERS = 20;
    private static final Map<String, Integer> ROWS = Map.of(
            "pg_stat_statements", 300,
            "pg_stat_user_tables", 150,
            "pg_stat_user_indexes", 200,
            "pg_stat_activity", 30,
            "pg_locks", 8,
            "pg_stat_database", 5,
            "pg_stat_bgwriter", 1,
            "server", 1);

    private final long seed;
    private final List<MetricFamily> families;

    BlockGenerator(long seed, List<MetricFamily> families) {
        this.seed = seed;
        this.families = List.copyOf(families);
    }

    List<MetricFamily> families() {
        return families;
    }

    /** What dictionaries explain comes with a target's first observation only, as an agent sends it. */
    static boolean isSeen(MetricFamily family, SampleSource source) {
        return family.kind() == MetricFamily.Kind.SAMPLES || source.tick() == 0;
    }

    ColumnBlock block(MetricFamily family, String targetName, SampleSource source) {
        int rows = rows(family);
        var columns = family.schema().columns();
        var vectors = new ArrayList<ColumnVector>(columns.size());
        for (int at = 0; at < columns.size(); at++) {
            vectors.add(vector(new ValueSource(salt(family, at, source), source), columns.get(at), family, rows));
        }
        return new ColumnBlock(family.schema(), targetName, source.collectedAtMicros(), rows, vectors);
    }

    /** Rows of a family at one observation; a dictionary has a text for each key of its samples. */
    static int rows(MetricFamily family) {
        var explained = family.kind() == MetricFamily.Kind.DICTIONARY ? family.dictionaryOf() : family.name();
        return ROWS.getOrDefault(explained, ROWS_OF_OTHERS);
    }

    /** Keys of a dictionary and of what it explains must be the same numbers. */
    private long salt(MetricFamily family, int column, SampleSource source) {
        var name = family.schema().columns().get(column).name();
        boolean joins = families.stream().anyMatch(other -> name.equals(other.dictionaryKey()));
        long salt = RowHash.mix(seed + source.collector()) + source.target();
        return RowHash.mix(RowHash.mix(salt) + (joins ? name : family.name() + '.' + name).hashCode());
    }

    private static ColumnVector vector(ValueSource values, Column column, MetricFamily family, int rows) {
        if (column.type() == ColumnType.TEXT) {
            return GeneratedTexts.vector(values, column, family, rows);
        }
        boolean key = column.name().equals(family.dictionaryKey());
        var nulls = new BitSet();
        if (column.type() == ColumnType.FLOAT8) {
            var doubles = new double[rows];
            for (int row = 0; row < rows; row++) {
                if (values.isNull(row, column.role())) {
                    nulls.set(row);
                } else {
                    doubles[row] = values.float8(row, column.role());
                }
            }
            return new ColumnVector.Doubles(doubles, nulls);
        }
        var longs = new long[rows];
        for (int row = 0; row < rows; row++) {
            if (!key && values.isNull(row, column.role())) {
                nulls.set(row);
            } else {
                longs[row] = values.integer(row, column.type(), column.role());
            }
        }
        return new ColumnVector.Longs(longs, nulls);
    }
}

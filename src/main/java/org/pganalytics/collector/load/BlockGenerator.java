package org.pganalytics.collector.load;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/**
 * Makes the rows that a busy PostgreSQL server might show: hundreds of statements, tables and indexes, counters that
 * grow, gauges that move, nulls. The same seed and {@link SampleSource} give the same rows, on any thread.
 */
final class BlockGenerator {
    private static final int ROWS_OF_OTHERS = 8;
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
    private final Set<String> dictionaryKeys;

    /** @param families of which those that only version 3 collectors send are left out */
    BlockGenerator(long seed, List<MetricFamily> families) {
        this.seed = seed;
        this.families = families.stream()
                .filter(family -> family.reading().source() != MetricFamily.Source.V3)
                .toList();
        this.dictionaryKeys = families.stream()
                .map(MetricFamily::dictionaryKey)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
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
        var vectors = family.schema().columns().stream()
                .map(column -> vector(column, family, source, rows))
                .toList();
        return new ColumnBlock(family.schema(), targetName, source.collectedAtMicros(), rows, vectors);
    }

    /** Rows of a family at one observation; a dictionary has a text for each key of its samples. */
    static int rows(MetricFamily family) {
        var explained = family.kind() == MetricFamily.Kind.DICTIONARY ? family.dictionaryOf() : family.name();
        boolean hasKeys = family.schema().columns().stream().anyMatch(column -> column.role() == ColumnRole.KEY);
        return ROWS.getOrDefault(explained, hasKeys ? ROWS_OF_OTHERS : 1);
    }

    private ColumnVector vector(Column column, MetricFamily family, SampleSource source, int rows) {
        boolean joins = dictionaryKeys.contains(column.name());
        long target = RowHash.mix(RowHash.mix(seed + source.collector()) + source.target());
        long ofRows = target + family.name().hashCode();
        long salt = target + (joins ? column.name() : family.name() + '.' + column.name()).hashCode();
        var values = new ValueSource(RowHash.mix(salt), RowHash.mix(ofRows), source);
        if (column.type() == ColumnType.TEXT) {
            return GeneratedTexts.vector(values, column, family, rows);
        }
        if (column.type() == ColumnType.FLOAT8) {
            return doubles(values, column, rows);
        }
        return joins ? joining(values, rows) : longs(values, column, rows);
    }

    /** Keys of a dictionary and of what it explains are the same numbers. */
    private static ColumnVector joining(ValueSource values, int rows) {
        return new ColumnVector.Longs(
                IntStream.range(0, rows).mapToLong(values::lasting).toArray(), new BitSet());
    }

    private static ColumnVector doubles(ValueSource values, Column column, int rows) {
        var nulls = new BitSet();
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

    private static ColumnVector longs(ValueSource values, Column column, int rows) {
        var nulls = new BitSet();
        var longs = new long[rows];
        for (int row = 0; row < rows; row++) {
            if (values.isNull(row, column.role())) {
                nulls.set(row);
            } else {
                longs[row] = values.integer(row, column.type(), column.role());
            }
        }
        return new ColumnVector.Longs(longs, nulls);
    }
}

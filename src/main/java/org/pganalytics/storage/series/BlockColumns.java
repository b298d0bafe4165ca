package org.pganalytics.storage.series;

import java.util.List;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.GatheringSql;
import org.pganalytics.model.MetricFamily;

/**
 * Where the columns that matter here stand in blocks of a schema, by what the server's own declaration of the family calls
 * a key or a counter: what a sender calls so is not believed.
 *
 * @param keys of each declared key its place in a block, or -1
 * @param counters of each declared counter that is a number its place in a block, or -1
 * @param types of these counters
 * @param since where a row says since when all its counters count, or -1
 */
record BlockColumns(FamilySchema schema, int[] keys, int[] counters, ColumnType[] types, int since) {
    static BlockColumns of(FamilySchema sent, MetricFamily declared) {
        var names = sent.columns().stream().map(Column::name).toList();
        var columns = declared.schema().columns();
        var counters = columns.stream().filter(BlockColumns::counts).toList();
        return new BlockColumns(
                sent,
                places(
                        names,
                        columns.stream()
                                .filter(column -> column.role() == ColumnRole.KEY)
                                .toList()),
                places(names, counters),
                counters.stream().map(Column::type).toArray(ColumnType[]::new),
                names.indexOf(GatheringSql.SINCE));
    }

    private static boolean counts(Column column) {
        return column.role() == ColumnRole.COUNTER
                && (column.type() == ColumnType.INT4
                        || column.type() == ColumnType.INT8
                        || column.type() == ColumnType.FLOAT8);
    }

    private static int[] places(List<String> names, List<Column> columns) {
        return columns.stream().mapToInt(column -> names.indexOf(column.name())).toArray();
    }

    boolean isKey(int at) {
        for (int key : keys) {
            if (key == at) {
                return true;
            }
        }
        return false;
    }

    /** Which counter stands there, or -1. */
    int counterAt(int at) {
        for (int counter = 0; counter < counters.length; counter++) {
            if (counters[counter] == at) {
                return counter;
            }
        }
        return -1;
    }
}

package org.pganalytics.model;

import java.util.Set;

/** What becomes of a column's values when they are gathered over a time. */
public enum Gathering {
    /** Per second: how much a counter grew. */
    RATE,
    /** The average, the least and the greatest. */
    SPREAD,
    /** The last one that is not null. */
    LAST;

    private static final Set<ColumnType> NUMBERS = Set.of(ColumnType.INT4, ColumnType.INT8, ColumnType.FLOAT8);

    /** Of a column that is no key. */
    public static Gathering of(Column column) {
        if (!NUMBERS.contains(column.type())) {
            return LAST;
        }
        return column.role() == ColumnRole.COUNTER ? RATE : SPREAD;
    }
}

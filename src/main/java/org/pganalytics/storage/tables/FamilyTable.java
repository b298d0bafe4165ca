package org.pganalytics.storage.tables;

import java.util.Map;
import java.util.Optional;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;

/**
 * A family's table as it stands in the database.
 *
 * @param columns by name, those of earlier declarations included; without {@code time}, {@code target_id} and
 *     {@code last_sent}
 * @param directRows least rows a target in one COPY that are to be written as columns at once; 0 where the database
 *     cannot, or shall not
 */
public record FamilyTable(MetricFamily family, Layout layout, Map<String, ColumnType> columns, int directRows) {

    /** How it is cut by time. */
    public enum Layout {
        /** One partition a day (UTC), which must be there before its rows come. */
        DAILY_PARTITIONS,
        /** TimescaleDB makes chunks by itself. */
        HYPERTABLE,
        /** Not at all: a dictionary. */
        WHOLE
    }

    public FamilyTable {
        columns = Map.copyOf(columns);
    }

    FamilyTable withDirectRows(int rows) {
        return new FamilyTable(family, layout, columns, rows);
    }

    public Optional<ColumnType> column(String name) {
        return Optional.ofNullable(columns.get(name));
    }
}

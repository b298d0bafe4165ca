package org.pganalytics.storage.tables;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.MetricFamily;

/** The statements that make tables and partitions; text only. Names have passed {@code Names.isIdentifier}. */
final class TableDdl {
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("'_p'yyyyMMdd");
    static final String PARTITION_NAME = ".*_p[0-9]{8}";

    private TableDdl() {}

    static String table(String family) {
        return "metrics." + family;
    }

    static String partition(String family, LocalDate day) {
        return table(family) + SUFFIX.format(day);
    }

    /** A table of samples, still without partitions. No unique index: it would slow down every insert. */
    static String createSamples(MetricFamily family, boolean partitioned) {
        return "CREATE TABLE %1$s (\"time\" timestamptz NOT NULL, target_id integer NOT NULL, %2$s)%3$s;"
                        .formatted(
                                table(family.name()),
                                declare(family.schema().columns()),
                                partitioned ? " PARTITION BY RANGE (\"time\")" : "")
                + "CREATE INDEX ON %s (target_id, \"time\")".formatted(table(family.name()));
    }

    static String createHypertable(String family) {
        return "SELECT create_hypertable('%s', 'time', chunk_time_interval => interval '1 day',"
                        .formatted(table(family))
                + " create_default_indexes => false)";
    }

    static String createDictionary(MetricFamily family) {
        return "CREATE TABLE %s (target_id integer NOT NULL, %s, last_sent timestamptz NOT NULL DEFAULT now(),"
                        .formatted(table(family.name()), declare(family.schema().columns()))
                + " PRIMARY KEY (target_id, %s))".formatted(quote(family.dictionaryKey()));
    }

    static String addColumns(String family, Collection<Column> columns) {
        return "ALTER TABLE %s %s"
                .formatted(
                        table(family),
                        columns.stream()
                                .map(column -> "ADD COLUMN IF NOT EXISTS " + declare(column))
                                .collect(Collectors.joining(", ")));
    }

    /** Made beside the table and then attached, which lets writers of the other partitions go on. */
    static String createPartition(String family, LocalDate day) {
        return "CREATE TABLE %1$s (LIKE %2$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES);"
                        .formatted(partition(family, day), table(family))
                + "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')"
                        .formatted(table(family), partition(family, day), day, day.plusDays(1));
    }

    /**
     * The community edition's columnstore: a day after it was written, a chunk becomes columns.
     *
     * <p>Ordered by what a row is about and only then by time: neighbours are then the same thing a moment later, which
     * takes a sixth of the room that the order by time alone takes. Were the keys segments, a COPY would hold one row of
     * each.
     */
    static String columnstore(MetricFamily family) {
        var order = family.schema().columns().stream()
                .filter(column -> column.role() == ColumnRole.KEY)
                .map(column -> quote(column.name()) + ", ")
                .collect(Collectors.joining("", "", quote("time")));
        return "ALTER TABLE %1$s SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'target_id',"
                        .formatted(table(family.name()))
                + " timescaledb.orderby = '%s'); CALL add_columnstore_policy('%s', after => interval '1 day',"
                        .formatted(order, table(family.name()))
                + " if_not_exists => true)";
    }

    private static String declare(Collection<Column> columns) {
        return columns.stream().map(TableDdl::declare).collect(Collectors.joining(", "));
    }

    private static String declare(Column column) {
        return quote(column.name()) + " " + column.type().sqlName();
    }

    static String quote(String name) {
        return '"' + name + '"';
    }
}

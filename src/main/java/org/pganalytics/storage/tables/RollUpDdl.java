package org.pganalytics.storage.tables;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.RollUp;
import org.pganalytics.model.RollUp.Level;

/** The statements that make the tables of roll-ups and their partitions; text only. */
final class RollUpDdl {
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("'_p'yyyyMMdd");
    private static final String HYPERTABLE = "SELECT create_hypertable('%s', 'time', chunk_time_interval =>"
            + " interval '%s', create_default_indexes => false)";

    private RollUpDdl() {}

    /** Minutes go by days, what is longer by months: of minutes there are ten times as many and more. */
    static LocalDate begin(Level level, LocalDate day) {
        return level == Level.MINUTE ? day : day.withDayOfMonth(1);
    }

    static LocalDate end(Level level, LocalDate begin) {
        return level == Level.MINUTE ? begin.plusDays(1) : begin.plusMonths(1);
    }

    static String partition(Level level, String family, LocalDate begin) {
        return level.table(family) + SUFFIX.format(begin);
    }

    /** Still without partitions. Indexed by what is always asked for. */
    static String create(Level level, MetricFamily family, boolean partitioned) {
        var table = level.table(family.name());
        var columns = "\"time\" timestamptz NOT NULL, target_id integer NOT NULL, %s int8 NOT NULL, %s int4 NOT NULL"
                .formatted(RollUp.COVERED, RollUp.SAMPLES);
        return "CREATE TABLE %s (%s)%s;".formatted(table, columns, partitioned ? " PARTITION BY RANGE (\"time\")" : "")
                + "CREATE INDEX ON %s (target_id, \"time\")".formatted(table);
    }

    static String createHypertable(Level level, String family) {
        return HYPERTABLE.formatted(level.table(family), level == Level.MINUTE ? "1 day" : "30 days");
    }

    /** @param table with its schema */
    static String addColumns(String table, Collection<RollUp.Part> parts) {
        return "ALTER TABLE %s %s"
                .formatted(
                        table,
                        parts.stream()
                                .map(part -> "ADD COLUMN IF NOT EXISTS %s %s".formatted(part.name(), part.sqlType()))
                                .collect(Collectors.joining(", ")));
    }

    /** What is kept of these columns, the keys as they are. */
    static Stream<RollUp.Part> parts(Collection<Column> columns) {
        return columns.stream()
                .flatMap(column -> column.role() == ColumnRole.KEY
                        ? Stream.of(new RollUp.Part(
                                TableDdl.quote(column.name()), column.type().sqlName()))
                        : RollUp.parts(column).stream());
    }

    static String createPartition(Level level, String family, LocalDate begin) {
        var partition = partition(level, family, begin);
        return "CREATE TABLE %1$s (LIKE %2$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES);"
                        .formatted(partition, level.table(family))
                + "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')"
                        .formatted(level.table(family), partition, begin, end(level, begin));
    }
}

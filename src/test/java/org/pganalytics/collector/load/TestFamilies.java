package org.pganalytics.collector.load;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;

/** Families like those of {@code conf/families}, with every type and role, in few columns. */
final class TestFamilies {
    static final MetricFamily DATABASES = samples(
            "pg_stat_database",
            "datid int8 key, datname text key, is_template bool gauge, numbackends int4 gauge, xact_commit int8 counter,"
                    + " blk_read_time float8 counter, hit_ratio float8 gauge, stats_reset timestamptz gauge,"
                    + " state text text");
    static final MetricFamily STATEMENTS = samples(
            "pg_stat_statements",
            "dbid int8 key, queryid int8 key, toplevel bool key, calls int8 counter, total_exec_time float8 counter,"
                    + " mean_exec_time float8 gauge, rows int8 counter");
    static final MetricFamily TEXTS = new MetricFamily(
            schema("pg_statement_text", "queryid int8 key, query text text"),
            "statement texts",
            MetricFamily.Kind.DICTIONARY,
            MetricFamily.Scope.CLUSTER,
            Duration.ofSeconds(10),
            Duration.ofDays(30),
            List.of(new MetricFamily.VersionedSql(14, Integer.MAX_VALUE, null, "SELECT 1")),
            "pg_stat_statements",
            "queryid");

    static final List<MetricFamily> ALL = List.of(DATABASES, STATEMENTS, TEXTS);

    private TestFamilies() {}

    private static MetricFamily samples(String name, String columns) {
        return new MetricFamily(
                schema(name, columns),
                name,
                MetricFamily.Kind.SAMPLES,
                MetricFamily.Scope.CLUSTER,
                Duration.ofSeconds(10),
                Duration.ofDays(30),
                List.of(new MetricFamily.VersionedSql(14, Integer.MAX_VALUE, null, "SELECT 1")),
                null,
                null);
    }

    /** @param columns name, type and role of each, separated by commas */
    private static FamilySchema schema(String family, String columns) {
        return FamilySchema.of(
                family,
                Stream.of(columns.split(","))
                        .map(column -> column.strip().split(" "))
                        .map(words -> new Column(
                                words[0],
                                ColumnType.ofSqlName(words[1]).orElseThrow(),
                                ColumnRole.ofDeclaredName(words[2]).orElseThrow()))
                        .toList());
    }
}

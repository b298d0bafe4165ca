package org.pganalytics.storage.tables;

import java.time.Duration;
import java.util.List;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Scope;
import org.pganalytics.model.MetricFamily.VersionedSql;

/** Families that only tests declare. */
public final class TestFamilies {
    private TestFamilies() {}

    public static MetricFamily samples(String name, Column... columns) {
        return samples(name, Duration.ofDays(7), columns);
    }

    static MetricFamily samples(String name, Duration retention, Column... columns) {
        return family(name, Kind.SAMPLES, retention, null, columns);
    }

    static MetricFamily dictionary(String name, Duration retention) {
        return family(name, Kind.DICTIONARY, retention, "queryid", int8("queryid"), text("query"));
    }

    public static Column int8(String name) {
        return new Column(name, ColumnType.INT8, ColumnRole.COUNTER);
    }

    static Column text(String name) {
        return new Column(name, ColumnType.TEXT, ColumnRole.TEXT);
    }

    private static MetricFamily family(String name, Kind kind, Duration retention, String key, Column... columns) {
        return new MetricFamily(
                FamilySchema.of(name, List.of(columns)),
                "for tests",
                kind,
                Scope.CLUSTER,
                Duration.ofSeconds(10),
                retention,
                List.of(new VersionedSql(15, Integer.MAX_VALUE, null, "SELECT 1")),
                key == null ? null : "thing",
                key);
    }
}

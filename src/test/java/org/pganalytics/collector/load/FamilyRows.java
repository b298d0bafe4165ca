package org.pganalytics.collector.load;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/** Makes tables as the server would, and fills them by plain INSERTs: another way than any that the code under test goes. */
final class FamilyRows {
    private final Connection connection;

    FamilyRows(Connection connection) {
        this.connection = connection;
    }

    void createTargets() throws SQLException {
        execute("CREATE SCHEMA metrics");
        execute("CREATE TABLE target (target_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                + " collector_id uuid, name text, UNIQUE (collector_id, name))");
    }

    void create(MetricFamily family) throws SQLException {
        var columns = family.schema().columns().stream()
                .map(column -> column.name() + " " + column.type().sqlName())
                .collect(Collectors.joining(", "));
        execute(
                family.kind() == MetricFamily.Kind.SAMPLES
                        ? "CREATE TABLE metrics.%s (time timestamptz NOT NULL, target_id integer NOT NULL, %s)"
                                .formatted(family.name(), columns)
                        : "CREATE TABLE metrics.%s (target_id integer, %s, last_sent timestamptz DEFAULT now(),"
                                        .formatted(family.name(), columns)
                                + " PRIMARY KEY (target_id, " + family.dictionaryKey() + "))");
    }

    void insert(MetricFamily family, int targetId, ColumnBlock block) throws SQLException {
        boolean timed = family.kind() == MetricFamily.Kind.SAMPLES;
        var columns = family.schema().columns();
        var names = columns.stream().map(column -> ", " + column.name()).collect(Collectors.joining());
        var sql = "INSERT INTO metrics.%s (target_id%s%s) VALUES (?%s%s)"
                .formatted(
                        family.name(), timed ? ", time" : "", names, timed ? ", ?" : "", ", ?".repeat(columns.size()));
        try (var statement = connection.prepareStatement(sql)) {
            for (int row = 0; row < block.rows(); row++) {
                int at = 1;
                statement.setInt(at++, targetId);
                if (timed) {
                    statement.setObject(at++, time(block.collectedAtMicros()));
                }
                for (int column = 0; column < columns.size(); column++) {
                    set(
                            statement,
                            at++,
                            columns.get(column).type(),
                            block.vectors().get(column),
                            row);
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void set(PreparedStatement to, int at, ColumnType type, ColumnVector from, int row)
            throws SQLException {
        if (from.isNull(row)) {
            to.setNull(at, type == ColumnType.TIMESTAMPTZ ? Types.TIMESTAMP_WITH_TIMEZONE : Types.NULL);
        } else if (from instanceof ColumnVector.Texts texts) {
            to.setString(at, texts.text(row));
        } else if (from instanceof ColumnVector.Doubles doubles) {
            to.setDouble(at, doubles.values()[row]);
        } else {
            long value = ((ColumnVector.Longs) from).values()[row];
            switch (type) {
                case BOOL -> to.setBoolean(at, value != 0);
                case TIMESTAMPTZ -> to.setObject(at, time(value));
                case INT4 -> to.setInt(at, (int) value);
                default -> to.setBigDecimal(at, BigDecimal.valueOf(value));
            }
        }
    }

    private static OffsetDateTime time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }
}

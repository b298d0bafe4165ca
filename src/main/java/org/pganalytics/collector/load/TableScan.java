package org.pganalytics.collector.load;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;

/**
 * Streams a family's table out of PostgreSQL, hashing each row's values from their binary form, so that no rounding or
 * time zone stands between and memory does not depend on the table's size. Blocks; for a worker.
 */
final class TableScan {
    /** A row of the table. */
    @FunctionalInterface
    interface Visitor {
        /** @param timeMicros µs since 1970; 0 in a dictionary, whose rows have no time */
        void row(int targetId, long timeMicros, long rowHash);
    }

    private static final int SIGNATURE_BYTES = 11;
    private static final int READ_BYTES = 1 << 16;
    private static final short END = -1;
    private static final int NULL = -1;
    private static final long MICROS_FROM_1970_TO_2000 = TimeUnit.DAYS.toMicros(10_957);
    private static final String EPOCH_2000 = "timestamptz '2000-01-01 00:00:00+00'";

    private final Connection connection;
    private final MetricFamily family;

    TableScan(Connection connection, MetricFamily family) {
        this.connection = connection;
        this.family = family;
    }

    /** Visits all rows of these targets; none when there is no such table. */
    void all(Collection<Integer> targetIds, Visitor visitor) throws SQLException, IOException {
        if (!targetIds.isEmpty() && exists()) {
            var ids = targetIds.stream().map(String::valueOf).collect(Collectors.joining(","));
            scan("target_id = ANY ('{" + ids + "}'::int[])", visitor);
        }
    }

    /** Visits the rows of one target at one moment; in a dictionary, all rows of the target. */
    void group(RowGroup group, Visitor visitor) throws SQLException, IOException {
        var where = "target_id = " + group.targetId();
        scan(
                isDictionary()
                        ? where
                        : where + " AND time = " + EPOCH_2000 + " + interval '"
                                + (group.timeMicros() - MICROS_FROM_1970_TO_2000) + " microseconds'",
                visitor);
    }

    private boolean isDictionary() {
        return family.kind() == MetricFamily.Kind.DICTIONARY;
    }

    private boolean exists() throws SQLException {
        try (var statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, "metrics." + family.name());
            try (var result = statement.executeQuery()) {
                return result.next() && result.getBoolean(1);
            }
        }
    }

    private void scan(String where, Visitor visitor) throws SQLException, IOException {
        var columns = family.schema().columns().stream()
                .map(column -> ", \"" + column.name() + "\"::" + column.type().sqlName())
                .collect(Collectors.joining());
        var sql = "COPY (SELECT target_id, %s%s FROM metrics.\"%s\" WHERE %s) TO STDOUT (FORMAT binary)"
                .formatted(isDictionary() ? EPOCH_2000 : "time", columns, family.name(), where);
        try (var copy = new PGCopyInputStream(connection.unwrap(PGConnection.class), sql);
                var in = new DataInputStream(new BufferedInputStream(copy, READ_BYTES))) {
            in.skipNBytes(SIGNATURE_BYTES + Integer.BYTES);
            in.skipNBytes(in.readInt());
            while (in.readShort() != END) {
                visit(in, visitor);
            }
        }
    }

    private void visit(DataInputStream in, Visitor visitor) throws IOException {
        in.readInt();
        int targetId = in.readInt();
        in.readInt();
        long micros = in.readLong() + MICROS_FROM_1970_TO_2000;
        long hash = RowHash.START;
        for (var column : family.schema().columns()) {
            hash = withValue(hash, column, in);
        }
        visitor.row(targetId, isDictionary() ? RowGroup.NO_TIME : micros, hash);
    }

    private static long withValue(long hash, Column column, DataInputStream in) throws IOException {
        int bytes = in.readInt();
        if (bytes == NULL) {
            return RowHash.withNull(hash);
        }
        if (column.type() == ColumnType.TEXT) {
            return RowHash.withText(hash, RowHash.text(in.readNBytes(bytes)));
        }
        return switch (column.type()) {
            case BOOL -> RowHash.withLong(hash, in.readByte());
            case INT4 -> RowHash.withLong(hash, in.readInt());
            case FLOAT8 -> RowHash.withDouble(hash, in.readDouble());
            case TIMESTAMPTZ -> RowHash.withLong(hash, in.readLong() + MICROS_FROM_1970_TO_2000);
            default -> RowHash.withLong(hash, in.readLong());
        };
    }
}

package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

/** Targets with rows in pg_stat_database, written past the store, for tests that read them. */
final class SampleRows implements AutoCloseable {
    private static final Instant DAY =
            LocalDate.now(ZoneOffset.UTC).atStartOfDay(ZoneOffset.UTC).toInstant();
    private final ApiServer server;
    private final Connection connection;

    SampleRows(ApiServer server) throws SQLException {
        this.server = server;
        this.connection = server.database.connect();
    }

    /** On a day that has a partition. */
    static Instant at(int seconds) {
        return DAY.plusSeconds(10 * 3_600 + seconds);
    }

    String target() {
        var collector = UUID.randomUUID();
        server.database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'c')".formatted(collector));
        server.database.execute("INSERT INTO target (collector_id, name) VALUES ('%s', 't')".formatted(collector));
        return String.valueOf(server.database.number("SELECT max(target_id) FROM target"));
    }

    void sample(String target, int seconds, String database, String columns, String values) {
        execute(
                "INSERT INTO metrics.pg_stat_database (target_id, time, datid, datname, %s) VALUES (%s, '%s', %d, '%s', %s)"
                        .formatted(
                                columns,
                                target,
                                at(seconds),
                                database.hashCode(),
                                database.replace("'", "''"),
                                values));
        changed("pg_stat_database", target, seconds);
    }

    /** @param since a second of {@link #at}, or null */
    void statement(String target, int seconds, long calls, Integer since) {
        var began = since == null ? "null" : "'" + at(since) + "'";
        execute("INSERT INTO metrics.pg_stat_statements (target_id, time, queryid, calls, stats_since) "
                + "VALUES (%s, '%s', 7, %d, %s)".formatted(target, at(seconds), calls, began));
        changed("pg_stat_statements", target, seconds);
    }

    /** As the store notes it in the transaction that writes the rows. */
    void changed(String family, String target, int seconds) {
        execute("INSERT INTO roll_up_due (families, family_of, targets, minutes) VALUES ('{%s}', '{1}', '{%s}', '{%d}')"
                .formatted(family, target, at(seconds).getEpochSecond() / 60));
    }

    /** On one connection: there are many. */
    private void execute(String sql) {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static List<JsonObject> rows(JsonObject page) {
        return page.getJsonArray("rows").stream().map(JsonObject.class::cast).toList();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

package org.pganalytics.collector;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Loss.Reason;

/** The spool's SQLite file as statements, without any policy; blocking. Nothing is kept until {@link #commit}. */
final class SpoolTable implements AutoCloseable {
    private static final String[] OPENING = {
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA journal_size_limit = 16777216",
        """
        CREATE TABLE IF NOT EXISTS batch (
            sequence INTEGER PRIMARY KEY, covers INTEGER NOT NULL, settled_at INTEGER, bytes INTEGER NOT NULL,
            row_count INTEGER NOT NULL, digest BLOB NOT NULL, uncompressed INTEGER NOT NULL, content TEXT NOT NULL,
            losses TEXT NOT NULL, schemas TEXT NOT NULL, body BLOB NOT NULL)""",
        "CREATE TABLE IF NOT EXISTS family_schema (fingerprint INTEGER PRIMARY KEY, declared TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    };
    private static final String COLUMNS =
            "sequence, covers, digest, uncompressed, content, losses, schemas, body FROM batch ";

    private final Connection connection;

    /** Opens or makes the file; fails when it is damaged or another process holds it. */
    SpoolTable(String file) throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (var statement = connection.createStatement()) {
            for (var sql : OPENING) {
                statement.execute(sql);
            }
            try (var check = statement.executeQuery("PRAGMA quick_check(1)")) {
                if (!check.next() || !"ok".equals(check.getString(1))) {
                    throw new SQLException("quick_check: " + check.getString(1), null, 11);
                }
            }
            connection.setAutoCommit(false);
        } catch (SQLException damaged) {
            connection.close();
            throw damaged;
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /**
     * SQLite itself has rolled back after some failures, such as a full disk. The driver then fails and begins no new
     * transaction, without which each commit from now on would fail too.
     */
    void rollback() throws SQLException {
        try {
            connection.rollback();
        } catch (SQLException nothingToRollBack) {
            try (var begin = connection.createStatement()) {
                begin.execute("BEGIN");
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    Optional<String> state(String key) throws SQLException {
        try (var query = prepared("SELECT value FROM state WHERE key = ?", key);
                var row = query.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    void setState(String key, Object value) throws SQLException {
        run("INSERT OR REPLACE INTO state VALUES (?, ?)", key, value.toString());
    }

    void insert(SpooledBatch batch) throws SQLException {
        run(
                "INSERT INTO batch (sequence, covers, bytes, row_count, digest, uncompressed, content, losses, schemas,"
                        + " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                batch.sequence(),
                batch.coversFrom(),
                batch.bytes(),
                batch.rows(),
                batch.digest().bytes(),
                batch.uncompressedBytes(),
                Losses.format(batch.content()),
                Losses.format(batch.losses()),
                batch.schemas().stream().map(String::valueOf).collect(Collectors.joining(" ")),
                batch.body());
    }

    /** The batches after a number, in order. */
    List<SpooledBatch> after(long sequence, int max) throws SQLException {
        try (var query = prepared("SELECT " + COLUMNS + "WHERE sequence > ? ORDER BY 1 LIMIT ?", sequence, max);
                var rows = query.executeQuery()) {
            var batches = new ArrayList<SpooledBatch>();
            while (rows.next()) {
                batches.add(batch(rows));
            }
            return batches;
        }
    }

    private static SpooledBatch batch(ResultSet row) throws SQLException {
        var schemas = row.getString(7);
        return new SpooledBatch(
                row.getLong(1),
                row.getLong(2),
                new Digest(row.getBytes(3)),
                row.getInt(4),
                Losses.parse(row.getString(5)),
                Losses.parse(row.getString(6)),
                schemas.isEmpty()
                        ? List.of()
                        : Arrays.stream(schemas.split(" ")).map(Long::valueOf).toList(),
                row.getBytes(8));
    }

    /** What is lost when the batches above one number, up to another, are dropped; summed. */
    List<Loss> lossesWhenDropped(long above, long upTo) throws SQLException {
        var lost = new ArrayList<Loss>();
        for (var next = after(above, 1); !next.isEmpty() && next.get(0).sequence() <= upTo; ) {
            var batch = next.get(0);
            batch.lossWhenDropped().forEach(loss -> lost.add(Losses.because(loss, Reason.NO_LONGER_KEPT)));
            next = after(batch.sequence(), 1);
        }
        return Losses.merged(lost);
    }

    void delete(long from, long to) throws SQLException {
        run("DELETE FROM batch WHERE sequence BETWEEN ? AND ?", from, to);
    }

    void settle(long after, long upTo, long nowMillis) throws SQLException {
        run("UPDATE batch SET settled_at = ? WHERE sequence > ? AND sequence <= ?", nowMillis, after, upTo);
    }

    void unsettle(long after) throws SQLException {
        run("UPDATE batch SET settled_at = NULL WHERE sequence > ? AND settled_at IS NOT NULL", after);
    }

    /** The last of the oldest settled batches that have to go to free so many bytes; 0 when none has. */
    long settledToFree(long bytes) throws SQLException {
        long freed = 0;
        long last = 0;
        try (var query = prepared("SELECT sequence, bytes FROM batch WHERE settled_at IS NOT NULL ORDER BY 1");
                var rows = query.executeQuery()) {
            while (freed < bytes && rows.next()) {
                last = rows.getLong(1);
                freed += rows.getLong(2);
            }
        }
        return last;
    }

    /** The last batch settled before a time, of the oldest few hundred; 0 when there is none. */
    long settledBefore(long millis) throws SQLException {
        return number(
                "SELECT coalesce(max(sequence), 0) FROM (SELECT sequence, settled_at FROM batch"
                        + " WHERE settled_at IS NOT NULL ORDER BY sequence LIMIT 500) WHERE settled_at < ?",
                millis);
    }

    /** Moves every number down; those left are above {@code by}. */
    void renumber(long by) throws SQLException {
        // By way of negative numbers, so that no two rows meet half way.
        run("UPDATE batch SET sequence = ? - sequence, covers = max(covers - ?, 1)", by, by);
        run("UPDATE batch SET sequence = -sequence");
    }

    /** The sum of a column, or of ones, over the batches after one number and up to another. */
    long sum(String column, long after, long upTo) throws SQLException {
        return number(
                "SELECT coalesce(sum(%s), 0) FROM batch WHERE sequence > ? AND sequence <= ?".formatted(column),
                after,
                upTo);
    }

    /** A single number from a query. */
    long number(String sql, Object... parameters) throws SQLException {
        try (var query = prepared(sql, parameters);
                var row = query.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    void keepSchema(FamilySchema schema) throws SQLException {
        run("INSERT OR IGNORE INTO family_schema VALUES (?, ?)", schema.fingerprint(), SchemaText.format(schema));
    }

    FamilySchema schema(long fingerprint) throws SQLException {
        try (var query = prepared("SELECT declared FROM family_schema WHERE fingerprint = ?", fingerprint);
                var row = query.executeQuery()) {
            return SchemaText.parse(row.getString(1));
        }
    }

    private void run(String sql, Object... parameters) throws SQLException {
        try (var statement = prepared(sql, parameters)) {
            statement.executeUpdate();
        }
    }

    private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
        var statement = connection.prepareStatement(sql);
        for (int at = 0; at < parameters.length; at++) {
            statement.setObject(at + 1, parameters[at]);
        }
        return statement;
    }
}

package org.pganalytics.boot;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.pganalytics.perf.Cores;

/** All targets are one PostgreSQL, the server's, which counts what it answers. */
final class RealTargets implements CycleTargets {
    private static final String ANSWERED = """
            SELECT coalesce(sum(calls), 0)::int8 FROM pg_stat_statements(false)
            WHERE userid = 'watcher'::regrole
            """;

    private final Connection connection;
    private final long postmaster;
    private long before;
    private long reads;

    RealTargets(Connection connection, long postmaster) {
        this.connection = connection;
        this.postmaster = postmaster;
    }

    @Override
    public void hear() throws SQLException {
        begin();
    }

    /** Each once: they are counted. */
    @Override
    public Duration hearing(Duration interval) {
        return interval;
    }

    @Override
    public long heard() throws SQLException {
        reads = answered() - before;
        return reads;
    }

    @Override
    public void begin() throws SQLException {
        before = answered();
    }

    @Override
    public boolean isThrough() throws SQLException {
        return answered() - before >= reads;
    }

    /** Targets whose turn came again meanwhile have answered more than once: as much is added as there may be of them. */
    @Override
    public double seconds(double seen, Duration interval) {
        return seen * (1 + seen / interval.toSeconds());
    }

    @Override
    public double cpuSeconds() throws IOException {
        return Cores.cpuSecondsOfFamily(postmaster);
    }

    private long answered() throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(ANSWERED)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}

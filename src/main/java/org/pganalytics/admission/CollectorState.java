package org.pganalytics.admission;

import io.vertx.sqlclient.Row;
import java.util.UUID;

/** What the database says about a collector, as far as admission needs it. */
record CollectorState(UUID collector, String name, int generation, boolean revoked, RateLimits.Overrides overrides) {
    /** Columns that {@link #of} reads, of table collector. */
    static final String COLUMNS = """
            c.collector_id, c.name, c.generation, c.revoked_at IS NOT NULL AS revoked,
            c.rows_per_second, c.burst_rows, c.bytes_per_second, c.burst_bytes""";

    static CollectorState of(Row row) {
        return new CollectorState(
                row.getUUID("collector_id"),
                row.getString("name"),
                row.getInteger("generation"),
                row.getBoolean("revoked"),
                new RateLimits.Overrides(
                        row.getDouble("rows_per_second"),
                        row.getLong("burst_rows"),
                        row.getDouble("bytes_per_second"),
                        row.getLong("burst_bytes")));
    }

    CollectorState revokedAt(int newGeneration) {
        return new CollectorState(collector, name, newGeneration, true, overrides);
    }
}

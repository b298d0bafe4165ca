package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/** The inventory of watched servers, in the order in which they were first seen. Failures are faults. */
public final class WatchedTargets {
    private static final String SELECT = """
            SELECT t.target_id, t.name, t.collector_id, c.name AS collector_name, t.first_seen_at
            FROM target t JOIN collector c USING (collector_id)
            """;
    private static final String PAGE = SELECT + """
            WHERE t.target_id > $1 AND ($2::uuid IS NULL OR t.collector_id = $2) AND ($3::text IS NULL OR t.name = $3)
            ORDER BY t.target_id LIMIT $4
            """;
    private static final String ONE = SELECT + "WHERE t.target_id = $1";

    private final Pool pool;

    public WatchedTargets(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param after the last one of the page before, 0 for the first page
     * @param collector only those that it watches
     * @param name only those called exactly so
     * @param limit most entries
     */
    public Future<List<TargetEntry>> list(int after, Optional<UUID> collector, Optional<String> name, int limit) {
        return find(PAGE, Tuple.of(after, collector.orElse(null), name.orElse(null), limit));
    }

    public Future<Optional<TargetEntry>> find(int target) {
        return find(ONE, Tuple.of(target)).map(found -> found.stream().findFirst());
    }

    private Future<List<TargetEntry>> find(String sql, Tuple values) {
        return pool.preparedQuery(sql)
                .execute(values)
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(TargetEntry::of)
                        .toList())
                .recover(Collectors::refusal);
    }
}

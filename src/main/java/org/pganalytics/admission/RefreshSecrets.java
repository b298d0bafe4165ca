package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.secrets.RandomSecrets;

/** The secrets that renew tokens: one use each, the one before holding until the next is used. */
final class RefreshSecrets {
    private static final String ADD = "INSERT INTO refresh_secret (collector_id, current_hash) VALUES ($1, $2)";
    private static final String FIND = """
            SELECT %s FROM refresh_secret r JOIN collector c USING (collector_id)
            WHERE r.current_hash = $1 OR r.previous_hash = $1 FOR UPDATE OF r
            """.formatted(CollectorState.COLUMNS);
    private static final String ROTATE = """
            UPDATE refresh_secret SET previous_hash = $2, current_hash = $3, rotated_at = now() WHERE collector_id = $1
            """;
    private static final String IS_ITS = """
            SELECT 1 FROM refresh_secret WHERE collector_id = $1 AND (current_hash = $2 OR previous_hash = $2)
            """;
    private static final String KNOWN = "SELECT 1 FROM collector WHERE collector_id = $1";

    private final Pool pool;
    private final RandomSecrets random;

    RefreshSecrets(Pool pool, RandomSecrets random) {
        this.pool = pool;
        this.random = random;
    }

    /** Whose it was, and the next one. */
    record Rotated(CollectorState collector, String next) {}

    /** Gives a new collector its first one, in the transaction that makes it. */
    Future<String> first(SqlConnection tx, UUID collector) {
        var secret = random.next();
        return tx.preparedQuery(ADD).execute(Tuple.of(collector, hash(secret))).map(secret);
    }

    /**
     * Fails with UNAUTHENTICATED, REVOKED or COLLECTOR_UNKNOWN.
     *
     * <p>The presented one becomes the previous, be it the current one (whose predecessor is thereby over) or the
     * previous (the answer with the current one was lost, so nobody has it).
     */
    Future<Rotated> rotate(UUID collectorOrNull, String presented) {
        return pool.withTransaction(tx -> tx.preparedQuery(FIND)
                .execute(Tuple.of(hash(presented)))
                .compose(rows -> rows.size() == 0
                        ? refuse(tx, collectorOrNull)
                        : rotate(tx, collectorOrNull, rows.iterator().next(), presented)));
    }

    private Future<Rotated> rotate(SqlConnection tx, UUID collectorOrNull, Row row, String presented) {
        var collector = CollectorState.of(row);
        if (collectorOrNull != null && !collectorOrNull.equals(collector.collector())) {
            return Future.failedFuture(wrong());
        }
        if (collector.revoked()) {
            return Future.failedFuture(
                    Fault.REVOKED.because("collector %s was revoked".formatted(collector.collector())));
        }
        var next = random.next();
        return tx.preparedQuery(ROTATE)
                .execute(Tuple.of(collector.collector(), hash(presented), hash(next)))
                .map(new Rotated(collector, next));
    }

    /** Fails with UNAUTHENTICATED. The secret is not used up. */
    Future<Void> confirm(UUID collector, String presented) {
        return pool.preparedQuery(IS_ITS)
                .execute(Tuple.of(collector, hash(presented)))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                Fault.UNAUTHENTICATED.because("the refresh secret is not this collector's")));
    }

    private static Future<Rotated> refuse(SqlConnection tx, UUID collectorOrNull) {
        if (collectorOrNull == null) {
            return Future.failedFuture(unknown());
        }
        return tx.preparedQuery(KNOWN)
                .execute(Tuple.of(collectorOrNull))
                .compose(rows -> Future.failedFuture(rows.size() == 0 ? unknown() : wrong()));
    }

    private static RuntimeException unknown() {
        return Fault.COLLECTOR_UNKNOWN.because("no collector here has this refresh secret; register again");
    }

    private static RuntimeException wrong() {
        return Fault.UNAUTHENTICATED.because("the refresh secret is not this collector's; register again");
    }

    private static Buffer hash(String secret) {
        return Buffer.buffer(RandomSecrets.hash(secret));
    }
}

package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** The inventory of collectors. Failures are faults; STORE_DOWN when the database does not answer. */
public final class Collectors {
    public static final int PAGE_MAX = 1_000;

    /** The ledger knows at once what is noted in bulk a while later; of version 3, which has no ledger, the note must do. */
    private static final String PAGE = """
            SELECT %s FROM collector WHERE (name, collector_id) > ($1, $2) ORDER BY name, collector_id LIMIT $3
            """.formatted(CollectorEntry.COLUMNS.replace("last_seen_at", """
                    greatest(last_seen_at, (
                        SELECT max(settled_at) FROM ledger WHERE ledger.collector_id = collector.collector_id
                    )) AS last_seen_at"""));

    private static final String ONE =
            "SELECT %s FROM collector WHERE collector_id = $1".formatted(CollectorEntry.COLUMNS);
    private static final String NAMED = "SELECT %s FROM collector WHERE name = $1 ORDER BY collector_id LIMIT 1000"
            .formatted(CollectorEntry.COLUMNS);
    private static final String LOCK =
            "SELECT %s FROM collector WHERE collector_id = $1 FOR NO KEY UPDATE".formatted(CollectorEntry.COLUMNS);
    private static final String REVOKE = """
            UPDATE collector SET revoked_at = now(), generation = generation + 1
            WHERE collector_id = $1 RETURNING %s
            """.formatted(CollectorEntry.COLUMNS);
    private static final String DELETE = "DELETE FROM collector WHERE collector_id = $1";

    private final Pool pool;
    private final AuditTrail audit;
    private final Bus bus;

    public Collectors(Pool pool, AuditTrail audit, Bus bus) {
        this.pool = pool;
        this.audit = audit;
        this.bus = bus;
    }

    /** @param limit most entries, 1 to {@link #PAGE_MAX} */
    public Future<CollectorPage> list(CollectorPage.Cursor after, int limit) {
        if (limit < 1 || limit > PAGE_MAX) {
            return Future.failedFuture(
                    Fault.BAD_REQUEST.because("limit = %d must be between 1 and %d".formatted(limit, PAGE_MAX)));
        }
        return pool.preparedQuery(PAGE)
                .execute(Tuple.of(after.name(), after.collector(), limit + 1))
                .map(rows -> page(entries(rows), limit))
                .recover(Collectors::refusal);
    }

    public Future<Optional<CollectorEntry>> find(UUID collector) {
        return pool.preparedQuery(ONE)
                .execute(Tuple.of(collector))
                .map(rows -> entries(rows).stream().findFirst())
                .recover(Collectors::refusal);
    }

    /** Names need not be unique: every registration makes a new collector. At most 1 000. */
    public Future<List<CollectorEntry>> named(String name) {
        return pool.preparedQuery(NAMED)
                .execute(Tuple.of(name))
                .map(Collectors::entries)
                .recover(Collectors::refusal);
    }

    /**
     * Makes every token of the collector void, on this server at once and on the others within seconds. One that is
     * revoked already stays as it is. Fails with COLLECTOR_UNKNOWN.
     *
     * @param actor who does it, for the audit
     * @param reason for the audit; may be empty
     */
    public Future<CollectorEntry> revoke(UUID collector, String actor, String reason) {
        return pool.withTransaction(tx -> tx.preparedQuery(LOCK)
                        .execute(Tuple.of(collector))
                        .compose(rows -> revokeLocked(tx, collector, entries(rows), actor, reason)))
                .onSuccess(revoked -> bus.publish(new Event.CollectorRevoked(collector, revoked.generation())))
                .recover(Collectors::refusal);
    }

    /**
     * Forgets a collector: its identity, its ledger and its targets. Its samples go with their retention. Fails with
     * COLLECTOR_UNKNOWN, and with CONFLICT when it is not revoked.
     *
     * @param actor who does it, for the audit
     */
    public Future<Void> delete(UUID collector, String actor) {
        return pool.withTransaction(tx -> tx.preparedQuery(LOCK)
                        .execute(Tuple.of(collector))
                        .compose(rows -> deleteLocked(tx, collector, entries(rows), actor)))
                .recover(Collectors::refusal);
    }

    private Future<Void> deleteLocked(SqlConnection tx, UUID collector, List<CollectorEntry> found, String actor) {
        if (found.isEmpty()) {
            return Future.failedFuture(unknown(collector));
        }
        var entry = found.get(0);
        if (entry.revokedAt().isEmpty()) {
            return Future.failedFuture(
                    Fault.CONFLICT.because("collector %s is not revoked; revoke it first".formatted(collector)));
        }
        var details = new JsonObject().put("name", entry.name());
        var record = new AuditRecord(actor, "collector.delete", collector.toString(), AuditRecord.OK, "", details);
        return tx.preparedQuery(DELETE).execute(Tuple.of(collector)).compose(deleted -> audit.add(tx, record));
    }

    private Future<CollectorEntry> revokeLocked(
            SqlConnection tx, UUID collector, List<CollectorEntry> found, String actor, String reason) {
        if (found.isEmpty()) {
            return Future.failedFuture(unknown(collector));
        }
        var entry = found.get(0);
        if (entry.revokedAt().isPresent()) {
            return Future.succeededFuture(entry);
        }
        var details = new JsonObject().put("name", entry.name()).put("reason", reason);
        var record = new AuditRecord(actor, "collector.revoke", collector.toString(), AuditRecord.OK, "", details);
        return tx.preparedQuery(REVOKE)
                .execute(Tuple.of(collector))
                .compose(rows -> audit.add(tx, record).map(entries(rows).get(0)));
    }

    private static CollectorPage page(List<CollectorEntry> oneMore, int limit) {
        if (oneMore.size() <= limit) {
            return new CollectorPage(oneMore, Optional.empty());
        }
        var last = oneMore.get(limit - 1);
        return new CollectorPage(
                oneMore.subList(0, limit), Optional.of(new CollectorPage.Cursor(last.name(), last.collector())));
    }

    static List<CollectorEntry> entries(RowSet<Row> rows) {
        var entries = new ArrayList<CollectorEntry>(rows.size());
        rows.forEach(row -> entries.add(CollectorEntry.of(row)));
        return entries;
    }

    static FaultException unknown(UUID collector) {
        return Fault.COLLECTOR_UNKNOWN.because("there is no collector %s".formatted(collector));
    }

    static <T> Future<T> refusal(Throwable failure) {
        return Future.failedFuture(
                failure instanceof FaultException
                        ? failure
                        : Fault.STORE_DOWN.because("the inventory cannot be reached at the moment", failure));
    }
}

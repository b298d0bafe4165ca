package org.pganalytics.audit.chain;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.audit.AuditRecord;

/**
 * Erases a person from the audit: name and addresses go with their salts, their commitments stay, and what proves the
 * events still does. Details name nobody.
 */
public final class Erasure {
    private static final int PAGE = 1_000;
    private static final String ALLOWED = "SELECT set_config('pganalytics.audit_path', $1, true)";
    private static final String FOUND = """
            SELECT %s FROM audit_event e
            WHERE $1 IN (e.actor, split_part(e.actor, '/', 1)) OR $1 IN (e.target, split_part(e.target, '/', 1))
            ORDER BY e.id LIMIT %d
            """.formatted(EventRows.COLUMNS, PAGE);
    private static final String ERASE = """
            UPDATE audit_event e SET
                actor = CASE WHEN f.acted THEN $2 ELSE e.actor END,
                actor_salt = CASE WHEN f.acted THEN NULL ELSE e.actor_salt END,
                actor_commitment = CASE WHEN f.acted THEN f.actor ELSE e.actor_commitment END,
                address = CASE WHEN f.acted THEN $2 ELSE e.address END,
                address_salt = CASE WHEN f.acted THEN NULL ELSE e.address_salt END,
                address_commitment = CASE WHEN f.acted THEN f.address ELSE e.address_commitment END,
                target = CASE WHEN f.meant THEN $2 ELSE e.target END,
                target_salt = CASE WHEN f.meant THEN NULL ELSE e.target_salt END,
                target_commitment = CASE WHEN f.meant THEN f.target ELSE e.target_commitment END
            FROM (
                SELECT u.*, $1 IN (o.actor, split_part(o.actor, '/', 1)) AS acted,
                    $1 IN (o.target, split_part(o.target, '/', 1)) AS meant
                FROM unnest($3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[]) AS u (id, actor, target, address)
                JOIN audit_event o ON o.id = u.id) f
            WHERE e.id = f.id
            """;

    private final NewEvents events;
    private final Clock clock;

    public Erasure(Prover prover, Clock clock) {
        this.events = new NewEvents(prover);
        this.clock = clock;
    }

    /**
     * In one transaction with an event that says how many it were, and not whose. What somebody's tokens did goes with it:
     * it stands as {@code person:NAME/TOKEN}.
     *
     * @param person as it stands in actor or target
     * @param by who erases
     * @return how many events there were
     */
    public Future<Long> erase(Pool pool, String person, String by) {
        if (person.equals(Committed.ERASED)) {
            return Future.failedFuture(new IllegalArgumentException("who is erased cannot be erased again"));
        }
        return pool.withTransaction(tx -> allow(tx, "erase")
                .compose(allowed -> pages(tx, person, 0))
                .compose(erased -> allow(tx, "")
                        .compose(done -> events.add(tx, List.of(record(by, erased))))
                        .map(erased)));
    }

    private NewEvents.Happened record(String by, long erased) {
        var details = new JsonObject().put("events", erased);
        var record = new AuditRecord(by, "audit.erase", "", AuditRecord.OK, "", details);
        return new NewEvents.Happened(clock.instant(), record, record.details());
    }

    private static Future<Void> allow(SqlConnection tx, String path) {
        return tx.preparedQuery(ALLOWED).execute(Tuple.of(path)).mapEmpty();
    }

    private static Future<Long> pages(SqlConnection tx, String person, long before) {
        return tx.preparedQuery(FOUND)
                .execute(Tuple.of(person))
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(before)
                        : erase(tx, person, rows).compose(done -> pages(tx, person, before + rows.size())));
    }

    private static Future<Void> erase(SqlConnection tx, String person, RowSet<Row> rows) {
        var ids = new ArrayList<Long>();
        var found = new ArrayList<ProvenEvent>();
        rows.forEach(row -> {
            ids.add(row.getLong("id"));
            found.add(EventRows.event(row));
        });
        return tx.preparedQuery(ERASE)
                .execute(Tuple.of(person, Committed.ERASED)
                        .addArrayOfLong(ids.toArray(Long[]::new))
                        .addArrayOfBuffer(commitments(
                                found.stream().map(ProvenEvent::actor).toList()))
                        .addArrayOfBuffer(commitments(
                                found.stream().map(ProvenEvent::target).toList()))
                        .addArrayOfBuffer(commitments(
                                found.stream().map(ProvenEvent::address).toList())))
                .mapEmpty();
    }

    /** What has no salt was never committed to. */
    private static Buffer[] commitments(List<Committed> all) {
        return all.stream()
                .map(each -> each.salt() == null ? each.commitment() : Committed.commitmentOf(each.text(), each.salt()))
                .map(each -> each == null ? null : Buffer.buffer(each))
                .toArray(Buffer[]::new);
    }
}

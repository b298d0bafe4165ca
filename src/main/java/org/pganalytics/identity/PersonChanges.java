package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;

/**
 * Makes changes of people whom somebody else knows, each with its audit event. Each looks again whether it is still right,
 * and touches nobody of another source.
 */
public final class PersonChanges {
    private static final String ADD = """
            INSERT INTO person (name, role, source, external_id, provider) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING RETURNING id
            """;
    private static final String LINK = """
            UPDATE person SET external_id = $2 WHERE id = $1 AND source = $3 AND provider = $4 AND external_id IS NULL
                AND NOT EXISTS (SELECT FROM person WHERE external_id = $2 AND source = $3 AND provider = $4) RETURNING id
            """;
    private static final String RENAME = """
            UPDATE person SET name = $2 WHERE id = $1 AND source = $3 AND provider = $4 AND name <> $2
                AND NOT EXISTS (SELECT FROM person WHERE name = $2) RETURNING id
            """;
    private static final String SET_ROLE = """
            UPDATE person SET role = $2 WHERE id = $1 AND source = $3 AND provider = $4 AND role <> $2 RETURNING id
            """;
    private static final String ENABLE = """
            UPDATE person SET disabled_at = NULL, sync_disabled_at = NULL
            WHERE id = $1 AND source = $2 AND provider = $3 AND disabled_at = sync_disabled_at RETURNING id
            """;
    private static final String DISABLE = """
            UPDATE person SET disabled_at = now(), sync_disabled_at = now()
            WHERE id = $1 AND source = $2 AND provider = $3 AND disabled_at IS NULL RETURNING id
            """;

    private final AuditTrail audit;
    private final String source;
    private final String provider;

    /** @param source as the table has it @param provider the one of these that knows them; empty where there is but one */
    public PersonChanges(AuditTrail audit, String source, String provider) {
        this.audit = audit;
        this.source = source;
        this.provider = provider;
    }

    /** Whether it was still to be done. */
    public Future<Boolean> apply(SqlConnection tx, PersonChange change, String actor) {
        return changed(tx, change)
                .compose(rows -> rows == 0
                        ? Future.succeededFuture(false)
                        : ended(tx, change)
                                .compose(ended -> audit(tx, change, actor))
                                .map(true));
    }

    private Future<Integer> changed(SqlConnection tx, PersonChange change) {
        var id = change.person().orElse(null);
        var role = change.role().key();
        var done = switch (change.kind()) {
            case ADD ->
                tx.preparedQuery(ADD).execute(Tuple.of(change.name(), role, source, change.externalId(), provider));
            case LINK -> tx.preparedQuery(LINK).execute(Tuple.of(id, change.externalId(), source, provider));
            case RENAME -> tx.preparedQuery(RENAME).execute(Tuple.of(id, change.name(), source, provider));
            case SET_ROLE -> tx.preparedQuery(SET_ROLE).execute(Tuple.of(id, role, source, provider));
            case ENABLE -> tx.preparedQuery(ENABLE).execute(Tuple.of(id, source, provider));
            case DISABLE -> tx.preparedQuery(DISABLE).execute(Tuple.of(id, source, provider));
        };
        return done.map(rows -> rows.size());
    }

    private static Future<Void> ended(SqlConnection tx, PersonChange change) {
        return change.kind() == PersonChange.Kind.DISABLE
                ? Sessions.endAll(tx, change.person().orElseThrow())
                : Future.succeededFuture();
    }

    private Future<Void> audit(SqlConnection tx, PersonChange change, String actor) {
        var details = new JsonObject().put("source", source);
        if (!provider.isEmpty()) {
            details.put("provider", provider);
        }
        switch (change.kind()) {
            case ADD -> details.put("role", change.role().key()).put("external_id", change.externalId());
            case LINK -> details.put("external_id", change.externalId());
            case SET_ROLE ->
                details.put("before", change.before())
                        .put("after", change.role().key());
            default -> details.put("by", provider.isEmpty() ? "sync" : "sign-in");
        }
        var action = "person." + change.kind().key();
        var done = new AuditRecord(actor, action, Person.actor(change.name()), AuditRecord.OK, "", details);
        return change.kind() == PersonChange.Kind.RENAME
                ? audit.add(tx, renamed(change, actor, details)).compose(told -> audit.add(tx, done))
                : audit.add(tx, done);
    }

    /** Of the name before, in an event of its own: one name a target, and none in details, so that each can be erased. */
    private static AuditRecord renamed(PersonChange change, String actor, JsonObject details) {
        var target = Person.actor(change.before());
        return new AuditRecord(actor, "person.give-up-name", target, AuditRecord.OK, "", details);
    }
}

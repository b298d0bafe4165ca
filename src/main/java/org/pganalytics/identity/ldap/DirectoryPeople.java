package org.pganalytics.identity.ldap;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.identity.Sessions;

/** The directory's people in our table; each change with its audit event. Each looks again whether it is still right. */
final class DirectoryPeople {
    /** Who changes people when nobody does. */
    static final String ACTOR = "ldap";

    private static final String ALL = "SELECT %s FROM person".formatted(KnownPerson.COLUMNS);
    private static final String LIKE = "%s WHERE external_id = $1 OR name = $2 ORDER BY id FOR UPDATE".formatted(ALL);
    private static final String IS_LOCAL = "SELECT FROM person WHERE name = $1 AND source = 'local'";
    private static final String MAY_COME = """
            SELECT FROM person WHERE name = $1 AND external_id = $2 AND source = 'ldap' AND disabled_at IS NULL
            """;
    private static final String ADD = """
            INSERT INTO person (name, role, source, external_id) VALUES ($1, $2, 'ldap', $3) ON CONFLICT DO NOTHING
            RETURNING id
            """;
    private static final String LINK = """
            UPDATE person SET external_id = $2 WHERE id = $1 AND source = 'ldap' AND external_id IS NULL
                AND NOT EXISTS (SELECT FROM person WHERE external_id = $2) RETURNING id
            """;
    private static final String RENAME = """
            UPDATE person SET name = $2 WHERE id = $1 AND source = 'ldap' AND name <> $2
                AND NOT EXISTS (SELECT FROM person WHERE name = $2) RETURNING id
            """;
    private static final String SET_ROLE =
            "UPDATE person SET role = $2 WHERE id = $1 AND source = 'ldap' AND role <> $2 RETURNING id";
    private static final String ENABLE = """
            UPDATE person SET disabled_at = NULL, sync_disabled_at = NULL
            WHERE id = $1 AND source = 'ldap' AND disabled_at = sync_disabled_at RETURNING id
            """;
    private static final String DISABLE = """
            UPDATE person SET disabled_at = now(), sync_disabled_at = now()
            WHERE id = $1 AND source = 'ldap' AND disabled_at IS NULL RETURNING id
            """;

    private final Pool pool;
    private final AuditTrail audit;

    DirectoryPeople(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
    }

    /** Everybody, with an account here or not. */
    Future<List<KnownPerson>> all() {
        return known(pool, ALL, Tuple.tuple());
    }

    private static Future<List<KnownPerson>> known(SqlClient client, String sql, Tuple arguments) {
        return client.preparedQuery(sql)
                .execute(arguments)
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(KnownPerson::of)
                        .toList());
    }

    Future<Boolean> isLocal(String name) {
        return pool.preparedQuery(IS_LOCAL).execute(Tuple.of(name)).map(rows -> rows.size() == 1);
    }

    /** Brings one whose password was right up to date. False when they may not sign in all the same. */
    Future<Boolean> admit(DirectoryPerson entry) {
        return pool.withTransaction(tx -> known(tx, LIKE, Tuple.of(entry.id(), entry.name()))
                .compose(
                        known -> applyAll(tx, SyncPlan.of(List.of(entry), known).changes()))
                .compose(applied -> tx.preparedQuery(MAY_COME).execute(Tuple.of(entry.name(), entry.id())))
                .map(rows -> rows.size() == 1));
    }

    private Future<Void> applyAll(SqlConnection tx, List<PersonChange> changes) {
        var done = Future.<Void>succeededFuture();
        for (var change : changes) {
            done = done.compose(next -> apply(tx, change, ACTOR).mapEmpty());
        }
        return done;
    }

    /** Whether it was still to be done. */
    Future<Boolean> apply(SqlConnection tx, PersonChange change, String actor) {
        return changed(tx, change)
                .compose(rows -> rows == 0
                        ? Future.succeededFuture(false)
                        : ended(tx, change)
                                .compose(ended -> audit(tx, change, actor))
                                .map(true));
    }

    private static Future<Integer> changed(SqlConnection tx, PersonChange change) {
        var id = change.person().orElse(null);
        var done = switch (change.kind()) {
            case ADD ->
                tx.preparedQuery(ADD)
                        .execute(Tuple.of(change.name(), change.role().key(), change.externalId()));
            case LINK -> tx.preparedQuery(LINK).execute(Tuple.of(id, change.externalId()));
            case RENAME -> tx.preparedQuery(RENAME).execute(Tuple.of(id, change.name()));
            case SET_ROLE ->
                tx.preparedQuery(SET_ROLE).execute(Tuple.of(id, change.role().key()));
            case ENABLE -> tx.preparedQuery(ENABLE).execute(Tuple.of(id));
            case DISABLE -> tx.preparedQuery(DISABLE).execute(Tuple.of(id));
        };
        return done.map(rows -> rows.size());
    }

    private static Future<Void> ended(SqlConnection tx, PersonChange change) {
        return change.kind() == PersonChange.Kind.DISABLE
                ? Sessions.endAll(tx, change.person().orElseThrow())
                : Future.succeededFuture();
    }

    private Future<Void> audit(SqlConnection tx, PersonChange change, String actor) {
        var details = new JsonObject().put("source", "ldap");
        switch (change.kind()) {
            case ADD -> details.put("role", change.role().key()).put("external_id", change.externalId());
            case LINK -> details.put("external_id", change.externalId());
            case SET_ROLE ->
                details.put("before", change.before())
                        .put("after", change.role().key());
            default -> details.put("by", "sync");
        }
        var action = "person." + change.kind().key();
        var done = new AuditRecord(actor, action, "person:" + change.name(), AuditRecord.OK, "", details);
        return change.kind() == PersonChange.Kind.RENAME
                ? audit.add(tx, renamed(change, actor, details)).compose(told -> audit.add(tx, done))
                : audit.add(tx, done);
    }

    /** Of the name before, in an event of its own: one name a target, and none in details, so that each can be erased. */
    private static AuditRecord renamed(PersonChange change, String actor, JsonObject details) {
        var target = "person:" + change.before();
        return new AuditRecord(actor, "person.give-up-name", target, AuditRecord.OK, "", details);
    }
}

package org.pganalytics.identity.ldap;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.identity.PersonChange;
import org.pganalytics.identity.PersonChanges;

/** The directory's people in our table. */
final class DirectoryPeople {
    /** Who changes people when nobody does. */
    static final String ACTOR = "ldap";

    private static final String ALL = "SELECT %s FROM person".formatted(KnownPerson.COLUMNS);
    private static final String LIKE =
            "%s WHERE source = 'ldap' AND external_id = $1 OR name = $2 ORDER BY id FOR UPDATE".formatted(ALL);
    private static final String IS_ELSEWHERE = "SELECT FROM person WHERE name = $1 AND source <> 'ldap'";
    private static final String MAY_COME = """
            SELECT FROM person WHERE name = $1 AND external_id = $2 AND source = 'ldap' AND disabled_at IS NULL
            """;
    private final Pool pool;
    private final PersonChanges changes;

    DirectoryPeople(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.changes = new PersonChanges(audit, "ldap", "");
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

    /** Whether somebody has the name whom the directory does not know. */
    Future<Boolean> isElsewhere(String name) {
        return pool.preparedQuery(IS_ELSEWHERE).execute(Tuple.of(name)).map(rows -> rows.size() == 1);
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
        return changes.apply(tx, change, actor);
    }
}

package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.SafeText;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Origin;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;
import org.pganalytics.secrets.RandomSecrets;

/**
 * The sessions of people. PostgreSQL has them, so that they outlive any server, and end on all at once; the cookie's value
 * is nowhere, only its hash.
 */
public final class Sessions {
    private static final int AGENT_LENGTH_MAX = 200;
    private static final Pattern COOKIE = Pattern.compile("[A-Za-z0-9_-]{43}");

    private static final String OPEN = """
            INSERT INTO person_session (hash, person, address, agent, ends_at)
            VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms')
            """;
    private static final String HOLDS = """
            s.ends_at > now() AND s.seen_at > now() - $2 * interval '1 ms' AND p.disabled_at IS NULL
            """;
    private static final String FIND = """
            SELECT s.id, s.person, p.name, p.role,
                s.seen_at < now() - least(interval '1 minute', $2 * interval '1 ms' / 4) AS unnoted
            FROM person_session s JOIN person p ON p.id = s.person WHERE s.hash = $1 AND %s
            """.formatted(HOLDS);
    private static final String SEEN = "UPDATE person_session SET seen_at = now() WHERE id = $1";
    private static final String LIST = """
            SELECT s.id, s.address, s.agent, s.begun_at, s.seen_at, s.ends_at
            FROM person_session s JOIN person p ON p.id = s.person WHERE p.name = $1 AND %s ORDER BY s.begun_at LIMIT 1000
            """.formatted(HOLDS);
    private static final String END = "DELETE FROM person_session WHERE person = $1 AND id = $2 RETURNING id";
    private static final String END_SHOWN = "DELETE FROM person_session WHERE hash = $1";
    private static final String END_OTHERS = "DELETE FROM person_session WHERE person = $1 AND id <> $2";
    private static final String END_ALL = "DELETE FROM person_session WHERE person = $1";
    private static final String TRIM = """
            DELETE FROM person_session WHERE ends_at < now() OR seen_at < now() - $1 * interval '1 ms'
            """;

    private final Pool pool;
    private final RandomSecrets random;
    private final IdentityConfig config;

    public Sessions(Pool pool, RandomSecrets random, IdentityConfig config) {
        this.pool = pool;
        this.random = random;
        this.config = config;
    }

    /** Returns the cookie's value. */
    Future<String> open(SqlConnection tx, UUID person, Origin origin) {
        var cookie = random.next();
        return tx.preparedQuery(OPEN)
                .execute(Tuple.of(
                        hash(cookie),
                        person,
                        SafeText.of(origin.address(), 64),
                        SafeText.of(origin.agent(), AGENT_LENGTH_MAX),
                        config.sessionMax().toMillis()))
                .map(cookie);
    }

    /** Fails with UNAUTHENTICATED when the cookie is of no session that holds. */
    Future<Principal> find(String cookie) {
        if (!COOKIE.matcher(cookie).matches()) {
            return Future.failedFuture(over());
        }
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(hash(cookie), config.sessionIdle().toMillis()))
                .compose(rows ->
                        rows.size() == 1 ? seen(rows.iterator().next()) : Future.<Principal>failedFuture(over()))
                .recover(People::refusal);
    }

    private Future<Principal> seen(Row row) {
        var found = Principal.person(
                row.getString("name"),
                Role.of(row.getString("role")).orElseThrow(),
                new Principal.SignedIn(row.getUUID("person"), row.getUUID("id")));
        return row.getBoolean("unnoted")
                ? pool.preparedQuery(SEEN).execute(Tuple.of(row.getUUID("id"))).map(found)
                : Future.succeededFuture(found);
    }

    private static org.pganalytics.fault.FaultException over() {
        return Fault.UNAUTHENTICATED.because("the session is over; sign in again");
    }

    /** Those of a person that hold, by their beginning; at most 1,000. */
    public Future<List<Session>> list(String name) {
        return pool.preparedQuery(LIST)
                .execute(Tuple.of(name, config.sessionIdle().toMillis()))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Session::of)
                        .toList())
                .recover(People::refusal);
    }

    /** Fails with NOT_FOUND when this person has no such session. */
    static Future<Void> end(SqlConnection tx, UUID person, UUID session) {
        return tx.preparedQuery(END)
                .execute(Tuple.of(person, session))
                .compose(rows -> rows.size() == 1
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(Fault.NOT_FOUND.because("you have no session " + session)));
    }

    /** The one that a browser had before it signed in again. */
    static Future<Void> endShown(SqlConnection tx, String cookie) {
        return tx.preparedQuery(END_SHOWN).execute(Tuple.of(hash(cookie))).mapEmpty();
    }

    static Future<Void> endOthers(SqlConnection tx, UUID person, UUID butThis) {
        return tx.preparedQuery(END_OTHERS).execute(Tuple.of(person, butThis)).mapEmpty();
    }

    public static Future<Void> endAll(SqlConnection tx, UUID person) {
        return tx.preparedQuery(END_ALL).execute(Tuple.of(person)).mapEmpty();
    }

    Future<Void> trim() {
        return pool.preparedQuery(TRIM)
                .execute(Tuple.of(config.sessionIdle().toMillis()))
                .mapEmpty();
    }

    private static Buffer hash(String cookie) {
        return Buffer.buffer(RandomSecrets.hash(cookie));
    }
}

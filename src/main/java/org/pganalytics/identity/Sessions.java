package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
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
            INSERT INTO person_session (hash, person, address, agent, ends_at, second_factor)
            VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms', $6)
            """;
    private static final String HOLDS = """
            s.ends_at > now() AND s.seen_at > now() - $2 * interval '1 ms' AND p.disabled_at IS NULL
            """;
    private static final String FIND = """
            SELECT s.id, s.person, p.name, p.role, s.second_factor, s.confirmed_at > now() - $3 * interval '1 ms' AS fresh,
                EXISTS (SELECT FROM person_totp t WHERE t.person = s.person AND t.confirmed_at IS NOT NULL) AS has_factor,
                s.seen_at < now() - least(interval '1 minute', $2 * interval '1 ms' / 4) AS unnoted
            FROM person_session s JOIN person p ON p.id = s.person WHERE s.hash = $1 AND %s
            """.formatted(HOLDS);
    /** Before another one begins: what is over, and of those that hold all but the newest. */
    private static final String MAKE_ROOM = """
            WITH stay AS (
                SELECT s.id FROM person_session s JOIN person p ON p.id = s.person WHERE s.person = $1 AND %1$s
                ORDER BY s.begun_at DESC, s.id LIMIT $3)
            DELETE FROM person_session s USING person p
            WHERE p.id = s.person AND s.person = $1 AND s.id NOT IN (SELECT id FROM stay)
            RETURNING s.id, p.name, %1$s AS held
            """.formatted(HOLDS);

    private static final String SEEN = "UPDATE person_session SET seen_at = now() WHERE id = $1";
    private static final String LACK_FACTOR =
            "UPDATE person_session SET second_factor = false WHERE person = $1 AND second_factor";
    private static final String CONFIRMED =
            "UPDATE person_session SET confirmed_at = now(), second_factor = second_factor OR $2 WHERE id = $1";
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
    private final AuditTrail audit;

    public Sessions(Pool pool, RandomSecrets random, IdentityConfig config, AuditTrail audit) {
        this.pool = pool;
        this.random = random;
        this.config = config;
        this.audit = audit;
    }

    /**
     * Ends the oldest where there would be too many.
     *
     * @param tx has the person's row locked
     * @param secondFactor whether one was shown
     * @return the cookie's value
     */
    public Future<String> open(SqlConnection tx, UUID person, Origin origin, boolean secondFactor) {
        var cookie = random.next();
        return makeRoom(tx, person, origin)
                .compose(room -> tx.preparedQuery(OPEN)
                        .execute(Tuple.of(
                                hash(cookie),
                                person,
                                SafeText.of(origin.address(), 64),
                                SafeText.of(origin.agent(), AGENT_LENGTH_MAX),
                                config.sessionMax().toMillis(),
                                secondFactor)))
                .map(cookie);
    }

    private Future<Void> makeRoom(SqlConnection tx, UUID person, Origin origin) {
        return tx.preparedQuery(MAKE_ROOM)
                .execute(Tuple.of(person, config.sessionIdle().toMillis(), config.sessionsMax() - 1))
                .compose(rows -> {
                    var ended = StreamSupport.stream(rows.spliterator(), false)
                            .filter(row -> row.getBoolean("held"))
                            .toList();
                    return ended.isEmpty() ? Future.succeededFuture() : told(tx, ended, origin);
                });
    }

    private Future<Void> told(SqlConnection tx, List<Row> ended, Origin origin) {
        var who = Person.actor(ended.get(0).getString("name"));
        var details = new JsonObject()
                .put("reason", "more than identity.sessions-max")
                .put("count", ended.size())
                .put(
                        "session",
                        ended.stream().map(row -> row.getUUID("id").toString()).collect(Collectors.joining(" ")));
        return audit.add(
                tx, new AuditRecord(who, "person.end-oldest-session", who, AuditRecord.OK, origin.address(), details));
    }

    /** Fails with UNAUTHENTICATED when the cookie is of no session that holds. */
    Future<Principal> find(String cookie) {
        if (!COOKIE.matcher(cookie).matches()) {
            return Future.failedFuture(over());
        }
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(
                        hash(cookie),
                        config.sessionIdle().toMillis(),
                        config.proofLifetime().toMillis()))
                .compose(rows ->
                        rows.size() == 1 ? seen(rows.iterator().next()) : Future.<Principal>failedFuture(over()))
                .recover(People::refusal);
    }

    private Future<Principal> seen(Row row) {
        var role = Role.of(row.getString("role")).orElseThrow();
        var found = Principal.person(
                row.getString("name"),
                role,
                new Principal.SignedIn(
                        row.getUUID("person"),
                        row.getUUID("id"),
                        row.getBoolean("fresh"),
                        !row.getBoolean("second_factor")
                                && (config.wantsSecondFactor(role) || row.getBoolean("has_factor"))));
        return row.getBoolean("unnoted")
                ? pool.preparedQuery(SEEN).execute(Tuple.of(row.getUUID("id"))).map(found)
                : Future.succeededFuture(found);
    }

    private static org.pganalytics.fault.FaultException over() {
        return Fault.UNAUTHENTICATED.because("the session is over; sign in again");
    }

    /** Those of a person without a second factor any more. */
    static Future<Void> lackFactor(SqlConnection tx, UUID person) {
        return tx.preparedQuery(LACK_FACTOR).execute(Tuple.of(person)).mapEmpty();
    }

    /** Its owner has proven just now who they are. @param secondFactor also by one */
    static Future<Void> confirmed(SqlConnection tx, UUID session, boolean secondFactor) {
        return tx.preparedQuery(CONFIRMED)
                .execute(Tuple.of(session, secondFactor))
                .mapEmpty();
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
    public static Future<Void> endShown(SqlConnection tx, String cookie) {
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

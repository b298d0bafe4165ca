package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.secrets.RandomSecrets;

/** One-time codes that let somebody choose a password: of the first admin, of who is new, of who forgot. */
public final class PersonCodes {
    /** Lets a person, and whoever scans for leaked secrets, see what it is. */
    private static final String PREFIX = "pgcode_";

    private static final String ISSUE = """
            INSERT INTO person_code (hash, person, ends_at) VALUES ($1, $2, $3)
            ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, ends_at = excluded.ends_at
            """;
    // "pgfirs" in ASCII: of servers that start side by side one makes the code, and there is one first admin.
    private static final String BEING_FIRST = "SELECT pg_advisory_xact_lock(x'706766697273'::bigint)";
    private static final String FIRST = """
            INSERT INTO person_code (hash, person, ends_at)
            SELECT $1, NULL, $2
            WHERE NOT EXISTS (SELECT FROM person WHERE source = 'local' OR role = 'admin' AND disabled_at IS NULL)
                AND NOT EXISTS (SELECT FROM person_code WHERE person IS NULL AND ends_at > now())
            """;
    private static final String HOLDS = """
            SELECT FROM person_code c LEFT JOIN person p ON p.id = c.person
            WHERE c.hash = $1 AND c.ends_at > now() AND (c.person IS NULL OR p.name = $2)
            """;
    private static final String TAKE = """
            DELETE FROM person_code c WHERE hash = $1 AND ends_at > now()
            RETURNING person, (SELECT name FROM person p WHERE p.id = c.person) AS name
            """;
    private static final String ADD_FIRST = """
            INSERT INTO person (name, role, password_hash, password_changed_at)
            SELECT $1, 'admin', $2, now() WHERE NOT EXISTS (SELECT FROM person WHERE source = 'local')
            ON CONFLICT (name) DO NOTHING RETURNING id
            """;
    private static final String SET_PASSWORD = """
            UPDATE person SET password_hash = $2, password_changed_at = now()
            WHERE id = $1 AND disabled_at IS NULL AND source = 'local'
            RETURNING id
            """;

    private final Pool pool;
    private final RandomSecrets random;
    private final Passwords passwords;
    private final AuditTrail audit;
    private final IdentityConfig config;
    private final Clock clock;

    /** @param text said to whom it is for, this once */
    public record Code(String text, Instant endsAt) {
        /** Never the code. */
        @Override
        public String toString() {
            return "Code[endsAt=%s]".formatted(endsAt);
        }
    }

    public PersonCodes(
            Pool pool,
            RandomSecrets random,
            Passwords passwords,
            AuditTrail audit,
            IdentityConfig config,
            Clock clock) {
        this.pool = pool;
        this.random = random;
        this.passwords = passwords;
        this.audit = audit;
        this.config = config;
        this.clock = clock;
    }

    /** For the first admin, when nobody has an account here yet and no code for that holds; empty otherwise. */
    public Future<Optional<Code>> first() {
        var code = next();
        return pool.withTransaction(tx -> tx.query(BEING_FIRST)
                        .execute()
                        .compose(locked -> tx.preparedQuery(FIRST)
                                .execute(Tuple.of(
                                        hash(code.text()), code.endsAt().atOffset(ZoneOffset.UTC)))))
                .map(made -> made.rowCount() == 1 ? Optional.of(code) : Optional.<Code>empty())
                .recover(People::refusal);
    }

    /** In place of one that they had before. */
    Future<Code> issue(SqlConnection tx, Person person) {
        var code = next();
        return tx.preparedQuery(ISSUE)
                .execute(Tuple.of(hash(code.text()), person.id(), code.endsAt().atOffset(ZoneOffset.UTC)))
                .map(code);
    }

    private Code next() {
        return new Code(PREFIX + random.next(), clock.instant().plus(config.codeLifetime()));
    }

    /**
     * Sets the password of whom the code is for; makes the first admin. A password that breaks the rules leaves the code.
     * Fails with UNAUTHENTICATED for a code that does not hold, and BAD_REQUEST.
     *
     * @param name whose code it is, or what the first admin is to be called
     */
    public Future<Void> redeem(String code, String name, String password, String address) {
        People.requireName(name);
        // What costs time is for those whose code holds.
        return pool.preparedQuery(HOLDS)
                .execute(Tuple.of(hash(code), name))
                .compose(found -> found.size() == 1 ? passwords.hash(name, password) : Future.failedFuture(unknown()))
                .compose(hash -> pool.withTransaction(tx -> tx.preparedQuery(TAKE)
                        .execute(Tuple.of(hash(code)))
                        .compose(taken -> taken.size() == 1
                                ? set(tx, taken.iterator().next(), name, hash)
                                : Future.failedFuture(unknown()))
                        .compose(set -> SignInThrottle.clearAll(tx, name))
                        .compose(cleared -> audit.add(
                                tx,
                                new AuditRecord(
                                        Person.actor(name),
                                        "person.redeem-code",
                                        Person.actor(name),
                                        AuditRecord.OK,
                                        address,
                                        new JsonObject())))))
                .recover(People::refusal);
    }

    private static Future<Void> set(SqlConnection tx, Row taken, String name, String passwordHash) {
        UUID person = taken.getUUID("person");
        if (person != null && !name.equals(taken.getString("name"))) {
            return Future.failedFuture(unknown());
        }
        var done = person == null
                ? tx.query(BEING_FIRST)
                        .execute()
                        .compose(locked -> tx.preparedQuery(ADD_FIRST).execute(Tuple.of(name, passwordHash)))
                : tx.preparedQuery(SET_PASSWORD).execute(Tuple.of(person, passwordHash));
        return done.compose(rows -> rows.size() == 1 ? Future.<Void>succeededFuture() : Future.failedFuture(unknown()));
    }

    /** Those that nobody redeemed in time. */
    Future<Void> trim() {
        return pool.query("DELETE FROM person_code WHERE ends_at < now()")
                .execute()
                .mapEmpty();
    }

    private static FaultException unknown() {
        return Fault.UNAUTHENTICATED.because(
                "this code does not hold for this name; an admin gives another, or 'pganalytics people add' or 'reset'");
    }

    private static Buffer hash(String code) {
        return Buffer.buffer(RandomSecrets.hash(code));
    }
}

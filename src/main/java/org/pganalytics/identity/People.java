package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.identity.factor.SecondFactors;
import org.pganalytics.model.Role;

/** Who may sign in, and as what; each change with its audit row. What takes rights away ends sessions at once. */
public final class People {
    private static final int LIST_MAX = 1_000;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,62}");
    private static final String LIST =
            "SELECT %s FROM person ORDER BY name LIMIT %d".formatted(Person.COLUMNS, LIST_MAX);
    private static final String SHOW = "SELECT %s FROM person WHERE name = $1".formatted(Person.COLUMNS);
    private static final String ADD = """
            INSERT INTO person (name, role) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING %s
            """.formatted(Person.COLUMNS);
    private static final String SET_ROLE =
            """
            UPDATE person SET role = $2 FROM (SELECT name, role AS before FROM person WHERE name = $1 FOR UPDATE) old
            WHERE person.name = old.name RETURNING before, %s
            """.formatted(Person.COLUMNS.replace("name, role", "person.name, person.role"));
    private static final String SET_DISABLED = """
            UPDATE person SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END, sync_disabled_at = NULL
            WHERE name = $1
            RETURNING %s
            """.formatted(Person.COLUMNS);
    private static final String FORGET_PASSWORD =
            "UPDATE person SET password_hash = NULL WHERE name = $1 RETURNING %s".formatted(Person.COLUMNS);

    private static final String SOURCE = "SELECT source, provider FROM person WHERE name = $1 FOR UPDATE";
    private static final String LINK = """
            UPDATE person
            SET source = 'ldap', provider = '', external_id = NULL, password_hash = NULL, sync_disabled_at = NULL
            WHERE name = $1 RETURNING %s
            """.formatted(Person.COLUMNS);
    private static final String UNLINK = """
            UPDATE person SET source = 'local', provider = '', external_id = NULL, sync_disabled_at = NULL
            WHERE name = $1 RETURNING %s
            """.formatted(Person.COLUMNS);
    private static final String KNOWN_AS =
            "SELECT name FROM person WHERE source = $1 AND provider = $2 AND external_id = $3 AND name <> $4";
    private static final String LINK_OUTSIDE = """
            UPDATE person SET source = $2, provider = $3, external_id = $4, password_hash = NULL, sync_disabled_at = NULL
            WHERE name = $1 RETURNING %s
            """.formatted(Person.COLUMNS);

    private static final String REVOKE_TOKENS =
            "UPDATE api_token SET revoked_at = now() WHERE person = $1 AND revoked_at IS NULL";

    private final Pool pool;
    private final PersonCodes codes;
    private final SecondFactors factors;
    private final AuditTrail audit;

    /** Somebody, and what lets them choose a password. */
    public record Invited(Person person, PersonCodes.Code code) {}

    public People(Pool pool, Credentials credentials, AuditTrail audit) {
        this.pool = pool;
        this.codes = credentials.codes();
        this.factors = credentials.factors();
        this.audit = audit;
    }

    /** By name; at most 1,000. */
    public Future<List<Person>> list() {
        return pool.query(LIST)
                .execute()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Person::of)
                        .toList())
                .recover(People::refusal);
    }

    /** Fails with NOT_FOUND. */
    public Future<Person> show(String name) {
        return pool.withConnection(connection -> one(connection, SHOW, Tuple.of(name), name))
                .recover(People::refusal);
    }

    /** Fails with BAD_REQUEST for a name that cannot be one, and CONFLICT for one that is there. */
    public Future<Invited> add(String name, Role role, String actor) {
        requireName(name);
        return changing(tx -> tx.preparedQuery(ADD)
                .execute(Tuple.of(name, role.key()))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(Person.of(rows.iterator().next()))
                        : Future.failedFuture(Fault.CONFLICT.because("there is a person '%s' already".formatted(name))))
                .compose(person -> audit(tx, actor, "person.add", name, new JsonObject().put("role", role.key()))
                        .compose(told -> codes.issue(tx, person))
                        .map(code -> new Invited(person, code))));
    }

    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static void requireName(String name) {
        if (!isName(name)) {
            throw Fault.BAD_REQUEST.because(
                    "a person's name is 1 to 63 of a-z, 0-9, '.', '_', '@', '-'; first a letter or digit");
        }
    }

    /** Holds from the next request on. Fails with NOT_FOUND, and CONFLICT for one whom somebody else knows. */
    public Future<Person> setRole(String name, Role role, String actor) {
        return changing(tx -> requireLocal(tx, name)
                .compose(local -> tx.preparedQuery(SET_ROLE).execute(Tuple.of(name, role.key())))
                .compose(rows -> {
                    if (rows.size() == 0) {
                        return Future.failedFuture(unknown(name));
                    }
                    var row = rows.iterator().next();
                    var details = new JsonObject()
                            .put("before", row.getString("before"))
                            .put("after", role.key());
                    return audit(tx, actor, "person.set-role", name, details).map(Person.of(row));
                }));
    }

    /** Ends their sessions, too, when it is true. Fails with NOT_FOUND. */
    public Future<Person> setDisabled(String name, boolean disabled, String actor) {
        return changing(tx -> one(tx, SET_DISABLED, Tuple.of(name, disabled), name)
                .compose(person -> (disabled ? Sessions.endAll(tx, person.id()) : Future.<Void>succeededFuture())
                        .compose(ended ->
                                audit(tx, actor, disabled ? "person.disable" : "person.enable", name, new JsonObject()))
                        .map(person)));
    }

    /**
     * Makes the password void, ends the sessions, and gives a code for choosing another one. Fails with NOT_FOUND, and
     * CONFLICT for one whom somebody else knows.
     */
    public Future<Invited> reset(String name, String actor) {
        return changing(tx -> requireLocal(tx, name)
                .compose(local -> one(tx, FORGET_PASSWORD, Tuple.of(name), name))
                .compose(person -> Sessions.endAll(tx, person.id())
                        .compose(ended -> SignInThrottle.clearAll(tx, name))
                        .compose(cleared -> audit(tx, actor, "person.reset-password", name, new JsonObject()))
                        .compose(told -> codes.issue(tx, person))
                        .map(code -> new Invited(person, code))));
    }

    /** Takes their second factor away, who lost it, and ends their sessions. Fails with NOT_FOUND. */
    public Future<Person> resetFactor(String name, String actor) {
        return changing(tx -> one(tx, SHOW, Tuple.of(name), name)
                .compose(person -> factors.remove(tx, person.id())
                        .compose(People::requireFactor)
                        .compose(removed -> Sessions.endAll(tx, person.id()))
                        .compose(ended -> audit(tx, actor, "person.reset-second-factor", name, new JsonObject()))
                        .map(person)));
    }

    static Future<Void> requireFactor(boolean removed) {
        return removed
                ? Future.succeededFuture()
                : Future.failedFuture(Fault.NOT_FOUND.because("there is no second factor"));
    }

    /** From now on the entry of the directory that has this name is they: its password, its groups. Fails with NOT_FOUND. */
    public Future<Person> link(String name, String actor) {
        return changing(tx -> moved(tx, LINK, Tuple.of(name), new JsonObject().put("source", "ldap"), actor));
    }

    /**
     * What a provider calls somebody.
     *
     * @param source what it speaks: oidc or saml
     * @param provider as the configuration calls it
     * @param subject 1 to 255 bytes, as the audit's refusals have it under external_id
     */
    public record Outside(String source, String provider, String subject) {}

    /**
     * From now on who comes from the provider as this subject is they, with its groups, and nobody else. Fails with
     * NOT_FOUND, and CONFLICT when that is somebody already.
     */
    public Future<Person> link(String name, Outside outside, String actor) {
        var to = Tuple.of(name, outside.source(), outside.provider(), outside.subject());
        var details = new JsonObject()
                .put("source", outside.source())
                .put("provider", outside.provider())
                .put("external_id", outside.subject());
        return changing(tx -> tx.preparedQuery(KNOWN_AS)
                .execute(Tuple.of(outside.source(), outside.provider(), outside.subject(), name))
                .compose(others -> others.size() == 0
                        ? moved(tx, LINK_OUTSIDE, to, details, actor)
                        : Future.failedFuture(Fault.CONFLICT.because("%s calls '%s' so; unlink them first"
                                .formatted(
                                        outside.provider(),
                                        others.iterator().next().getString("name"))))));
    }

    /** From now on they have an account here, with the role they had; a reset gives a password. Fails with NOT_FOUND. */
    public Future<Person> unlink(String name, String actor) {
        return changing(tx -> moved(tx, UNLINK, Tuple.of(name), new JsonObject().put("source", "local"), actor));
    }

    /** It may be somebody else from then on: what the one before had opens nothing for them. */
    private Future<Person> moved(SqlConnection tx, String sql, Tuple to, JsonObject details, String actor) {
        var name = to.getString(0);
        return one(tx, sql, to, name)
                .compose(person -> Sessions.endAll(tx, person.id())
                        .compose(ended -> factors.remove(tx, person.id()))
                        .compose(removed -> tx.preparedQuery(REVOKE_TOKENS).execute(Tuple.of(person.id())))
                        .compose(revoked -> audit(
                                tx,
                                actor,
                                "person.set-source",
                                name,
                                details.put("tokens_revoked", revoked.rowCount())))
                        .map(person));
    }

    private static Future<Void> requireLocal(SqlConnection tx, String name) {
        return tx.preparedQuery(SOURCE).execute(Tuple.of(name)).compose(rows -> {
            if (rows.size() == 0) {
                return Future.failedFuture(unknown(name));
            }
            var row = rows.iterator().next();
            return switch (row.getString("source")) {
                case "local" -> Future.succeededFuture();
                case "ldap" -> theirs(name, "the directory");
                default -> theirs(name, "the provider " + row.getString("provider"));
            };
        });
    }

    private static Future<Void> theirs(String name, String whose) {
        return Future.failedFuture(Fault.CONFLICT.because(
                "%s is of %s, which has their password and their groups".formatted(name, whose)));
    }

    private static Future<Person> one(SqlConnection connection, String sql, Tuple arguments, String name) {
        return connection
                .preparedQuery(sql)
                .execute(arguments)
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(Person.of(rows.iterator().next()))
                        : Future.failedFuture(unknown(name)));
    }

    private static FaultException unknown(String name) {
        return Fault.NOT_FOUND.because("there is no person '%s'".formatted(name));
    }

    private <T> Future<T> changing(Function<SqlConnection, Future<T>> change) {
        return pool.withTransaction(change).recover(People::refusal);
    }

    private Future<Void> audit(SqlConnection tx, String actor, String action, String name, JsonObject details) {
        return audit.add(tx, new AuditRecord(actor, action, Person.actor(name), AuditRecord.OK, "", details));
    }

    public static <T> Future<T> refusal(Throwable failure) {
        return Future.failedFuture(
                failure instanceof FaultException
                        ? failure
                        : Fault.STORE_DOWN.because("who may sign in cannot be looked up at the moment", failure));
    }
}

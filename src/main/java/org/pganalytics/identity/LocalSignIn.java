package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.Origin;
import org.pganalytics.identity.factor.SecondFactors;
import org.pganalytics.identity.factor.SecondFactors.Shown;
import org.pganalytics.model.Principal;

/**
 * Signs people in by the password that they have here, which works when everything else is down. Whether a name is wrong, or
 * its password, or its owner disabled, neither the answer nor its time tells.
 */
public final class LocalSignIn {
    private static final String FIND = "SELECT id, password_hash FROM person WHERE name = $1 AND disabled_at IS NULL";
    private static final String SIGNED_IN =
            "UPDATE person SET signed_in_at = now() WHERE id = $1 AND disabled_at IS NULL"
                    + " AND password_hash IS NOT DISTINCT FROM $2";
    private static final String HASH_OF = "SELECT password_hash FROM person WHERE id = $1";
    private static final String SET_PASSWORD = """
            UPDATE person SET password_hash = $2, password_changed_at = now()
            WHERE id = $1 AND password_hash = $3 AND disabled_at IS NULL
            """;

    private final Pool pool;
    private final Passwords passwords;
    private final Sessions sessions;
    private final PersonCodes codes;
    private final SignInThrottle throttle;
    private final SecondFactors factors;
    private final SignIn.Strangers strangers;
    private final AuditTrail audit;
    private final OutsidePasswords outside;

    /** @param outside is asked when the password is not one that somebody has here */
    public LocalSignIn(
            Pool pool,
            Credentials credentials,
            Sessions sessions,
            SignIn.Strangers strangers,
            AuditTrail audit,
            OutsidePasswords outside) {
        this.pool = pool;
        this.passwords = credentials.passwords();
        this.sessions = sessions;
        this.codes = credentials.codes();
        this.factors = credentials.factors();
        this.throttle = new SignInThrottle(pool);
        this.strangers = strangers;
        this.audit = audit;
        this.outside = outside;
    }

    private record Known(UUID id, Optional<String> hash) {}

    /**
     * Begins a session and ends the one that the browser had. Fails with UNAUTHENTICATED, and with RATE_LIMITED for a name
     * or an address that was wrong too often; with PROOF_WANTED where the password is right and the second factor missing.
     *
     * @param code the second factor of who has one; else it is not looked at, and may be empty
     * @return the value of the cookie
     */
    public Future<String> signIn(String givenName, String password, String code, Origin origin) {
        var name = givenName.strip().toLowerCase(Locale.ROOT);
        return Future.<Void>succeededFuture().compose(begin -> {
            strangers.check().accept(origin.address());
            return attempt(name, password, code, origin).recover(failure -> refused(name, origin, failure));
        });
    }

    private Future<String> attempt(String name, String password, String code, Origin origin) {
        if (!People.isName(name)) {
            // Nobody is called so; it takes as long.
            return passwords.verify(password, Optional.empty()).compose(never -> Future.failedFuture(wrong()));
        }
        return throttle.take(name, origin.address())
                .compose(mayTry -> find(name))
                .compose(known -> passwords
                        .verify(password, known.flatMap(Known::hash))
                        .compose(right -> right ? Future.succeededFuture(known) : elsewhere(name, password, origin)))
                .compose(known -> known.isPresent()
                        ? open(name, known.orElseThrow(), code, origin)
                        : Future.failedFuture(wrong()));
    }

    /** Who is right there stands here afterwards. */
    private Future<Optional<Known>> elsewhere(String name, String password, Origin origin) {
        return outside.verify(name, password)
                .compose(right -> right ? find(name) : Future.succeededFuture(Optional.<Known>empty()))
                .recover(failure -> Fault.of(failure) == Fault.DIRECTORY_DOWN
                        ? told(name, "person.sign-in", origin.address(), failure)
                        : Future.failedFuture(failure));
    }

    private Future<Optional<Known>> find(String name) {
        return pool.preparedQuery(FIND).execute(Tuple.of(name)).map(rows -> {
            for (var row : rows) {
                return Optional.of(new Known(row.getUUID("id"), Optional.ofNullable(row.getString("password_hash"))));
            }
            return Optional.empty();
        });
    }

    private Future<String> open(String name, Known known, String code, Origin origin) {
        return pool.withTransaction(tx -> tx.preparedQuery(SIGNED_IN)
                .execute(Tuple.of(known.id(), known.hash().orElse(null)))
                .compose(still -> still.rowCount() == 1 ? Future.succeededFuture() : Future.failedFuture(wrong()))
                .compose(still -> factors.demand(tx, known.id(), code))
                .compose(shown -> SignInThrottle.clear(tx, name, origin.address())
                        .compose(cleared -> Sessions.endShown(tx, origin.session()))
                        .compose(ended -> sessions.open(tx, known.id(), origin, shown != Shown.NOTHING))
                        .compose(cookie ->
                                signedIn(tx, name, origin.address(), shown).map(cookie))));
    }

    private Future<Void> signedIn(SqlConnection tx, String name, String address, Shown shown) {
        var actor = Person.actor(name);
        var details = new JsonObject().put("second_factor", shown.name().toLowerCase(Locale.ROOT));
        return audit.add(tx, new AuditRecord(actor, "person.sign-in", actor, AuditRecord.OK, address, details));
    }

    private static FaultException wrong() {
        return Fault.UNAUTHENTICATED.because("the name or the password is wrong");
    }

    /** What cannot be told to the audit is not answered either. */
    private Future<String> refused(String name, Origin origin, Throwable failure) {
        var fault = Fault.of(failure);
        if (fault == Fault.PROOF_WANTED) {
            return told(name, "person.sign-in", origin.address(), failure);
        }
        if (fault != Fault.UNAUTHENTICATED && fault != Fault.RATE_LIMITED) {
            return People.refusal(failure);
        }
        strangers.failed().accept(origin.address());
        return fault == Fault.RATE_LIMITED
                ? Future.failedFuture(failure)
                : told(name, "person.sign-in", origin.address(), failure);
    }

    private <T> Future<T> told(String name, String action, String address, Throwable failure) {
        return pool.withTransaction(
                        tx -> audit(tx, name, action, Fault.of(failure).name(), address))
                .recover(People::refusal)
                .compose(told -> Future.failedFuture(failure));
    }

    /** Chooses a password by a code. Fails as {@link PersonCodes#redeem} does, and with RATE_LIMITED. */
    public Future<Void> redeem(String code, String name, String password, String address) {
        return Future.<Void>succeededFuture()
                .compose(begin -> {
                    strangers.check().accept(address);
                    return codes.redeem(code, name, password, address);
                })
                .recover(failure -> {
                    if (Fault.of(failure) != Fault.UNAUTHENTICATED) {
                        return People.refusal(failure);
                    }
                    strangers.failed().accept(address);
                    return told(name, "person.redeem-code", address, failure);
                });
    }

    /**
     * Ends the other sessions. Fails with FORBIDDEN where the current one is wrong, as {@link SecondFactors#demand} does,
     * and with RATE_LIMITED and BAD_REQUEST.
     *
     * @param code the second factor of who has one
     */
    public Future<Void> changePassword(Principal who, Change change, String address) {
        var name = who.personName();
        var session = who.signedIn().orElseThrow();
        return throttle.take(name, address)
                .compose(mayTry -> hashOf(session.person()))
                .compose(hash -> passwords
                        .verify(change.current(), hash)
                        .compose(right -> right ? Future.<Void>succeededFuture() : notTheirs(name, address))
                        .compose(theirs -> passwords.hash(name, change.next()))
                        .compose(fresh -> pool.withTransaction(tx -> factors.demand(tx, session.person(), change.code())
                                .compose(shown -> set(tx, session, hash.orElse(null), fresh))
                                .compose(set -> SignInThrottle.clear(tx, name, address))
                                .compose(cleared ->
                                        audit(tx, name, "person.change-password", AuditRecord.OK, address)))))
                .recover(failure -> Fault.of(failure) == Fault.UNAUTHENTICATED
                        ? told(name, "person.change-password", address, failure)
                        : People.refusal(failure));
    }

    /** What somebody shows and wants. @param code the second factor of who has one; empty without */
    public record Change(String current, String next, String code) {
        /** Never the passwords. */
        @Override
        public String toString() {
            return "Change[]";
        }
    }

    private Future<Optional<String>> hashOf(UUID person) {
        return pool.preparedQuery(HASH_OF)
                .execute(Tuple.of(person))
                .map(rows -> Optional.ofNullable(rows.iterator().next().getString("password_hash")));
    }

    private static Future<Void> set(SqlConnection tx, Principal.SignedIn who, String before, String fresh) {
        return tx.preparedQuery(SET_PASSWORD)
                .execute(Tuple.of(who.person(), fresh, before))
                .compose(LocalSignIn::requireOne)
                .compose(set -> Sessions.endOthers(tx, who.person(), who.session()));
    }

    private Future<Void> notTheirs(String name, String address) {
        return told(
                name,
                "person.change-password",
                address,
                Fault.FORBIDDEN.because("the current password is another one"));
    }

    /** Else somebody reset it, or changed it from elsewhere, while this was under way. */
    private static Future<Void> requireOne(RowSet<Row> set) {
        return set.rowCount() == 1
                ? Future.succeededFuture()
                : Future.failedFuture(Fault.CONFLICT.because("the password was changed by somebody else just now"));
    }

    /** Ends a session of one's own. Fails with NOT_FOUND. */
    public Future<Void> end(Principal who, UUID session, String address) {
        var person = who.signedIn().orElseThrow().person();
        return pool.withTransaction(tx -> Sessions.end(tx, person, session)
                        .compose(ended -> audit.add(
                                tx,
                                new AuditRecord(
                                        who.name(),
                                        "person.end-session",
                                        who.name(),
                                        AuditRecord.OK,
                                        address,
                                        new JsonObject().put("session", session)))))
                .recover(People::refusal);
    }

    /** Forgets what is over. */
    public Future<Void> trim() {
        return sessions.trim().compose(trimmed -> throttle.trim()).compose(trimmed -> codes.trim());
    }

    private Future<Void> audit(SqlConnection tx, String name, String action, String outcome, String address) {
        var actor = Person.actor(name);
        return audit.add(tx, new AuditRecord(actor, action, actor, outcome, address, new JsonObject()));
    }
}

package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.identity.factor.SecondFactors;
import org.pganalytics.identity.factor.SecondFactors.Enrolment;
import org.pganalytics.identity.factor.SecondFactors.Shown;
import org.pganalytics.model.Principal;

/** What somebody who is signed in does about their second factor, and how they prove once more who they are. */
public final class Confirmation {
    private static final String HASH_OF = "SELECT password_hash, provider <> '' AS federated FROM person WHERE id = $1";

    private final Pool pool;
    private final Passwords passwords;
    private final SecondFactors factors;
    private final OutsidePasswords outside;
    private final SignInThrottle throttle;
    private final IdentityConfig config;
    private final AuditTrail audit;

    /** @param outside tries the passwords of those who have none here */
    public Confirmation(
            Pool pool, Credentials credentials, OutsidePasswords outside, IdentityConfig config, AuditTrail audit) {
        this.outside = outside;
        this.pool = pool;
        this.passwords = credentials.passwords();
        this.factors = credentials.factors();
        this.throttle = new SignInThrottle(pool);
        this.config = config;
        this.audit = audit;
    }

    /** Fails with CONFLICT when there is one already, or the server has no keys to keep it under. */
    Future<Enrolment> beginFactor(Principal who) {
        return factors.begin(pool, signedIn(who).person(), who.personName()).recover(People::refusal);
    }

    /**
     * Ends the other sessions, which no second factor has opened. Returns the recovery codes. Fails with CONFLICT where none
     * was begun, UNAUTHENTICATED for a wrong code, and RATE_LIMITED.
     */
    Future<List<String>> addFactor(Principal who, String code, String address) {
        var session = signedIn(who);
        return guarded(
                who,
                address,
                "person.add-second-factor",
                Future::succeededFuture,
                (tx, nothing) -> factors.confirm(tx, session.person(), code)
                        .compose(codes -> Sessions.endOthers(tx, session.person(), session.session())
                                .compose(ended -> Sessions.confirmed(tx, session.session(), true))
                                .map(codes)));
    }

    /** Fails with PROOF_WANTED for who has not shown it, CONFLICT where the role takes one, and NOT_FOUND without one. */
    Future<Void> removeFactor(Principal who, String address) {
        if (who.lacksFactor()) {
            return Future.failedFuture(Fault.PROOF_WANTED.because(
                    "show your second factor first (POST /api/v1/session/confirm), then remove it"));
        }
        var role = who.role().orElseThrow();
        if (config.wantsSecondFactor(role)) {
            return Future.failedFuture(Fault.CONFLICT.because(
                    "the role %s takes a second factor (identity.second-factor-roles); an admin can reset it"
                            .formatted(role.key())));
        }
        return pool.withTransaction(tx -> factors.remove(tx, signedIn(who).person())
                        .compose(People::requireFactor)
                        .compose(
                                removed -> Sessions.lackFactor(tx, signedIn(who).person()))
                        .compose(lacking -> audit(tx, who, "person.remove-second-factor", AuditRecord.OK, address)))
                .recover(People::refusal);
    }

    /**
     * By the second factor of who has one, by the password otherwise. Fails with PROOF_WANTED when that is missing, or
     * nobody here can try it, UNAUTHENTICATED when it is wrong, RATE_LIMITED.
     */
    Future<Void> confirm(Principal who, String password, String code, String address) {
        var session = signedIn(who);
        return guarded(
                who,
                address,
                "person.confirm",
                () -> tried(who, password),
                (tx, tried) -> factors.demand(tx, session.person(), code)
                        .compose(shown -> shown == Shown.NOTHING
                                ? byPassword(tx, session, tried)
                                : Sessions.confirmed(tx, session.session(), true)));
    }

    /** What came of a password. */
    private enum Tried {
        NONE,
        RIGHT,
        WRONG,
        NOWHERE
    }

    /** Before the transaction: it takes its time, the more where a directory is asked. */
    private Future<Tried> tried(Principal who, String password) {
        return pool.preparedQuery(HASH_OF)
                .execute(Tuple.of(signedIn(who).person()))
                .compose(rows -> {
                    var row = rows.iterator().next();
                    if (row.getBoolean("federated") || password.isEmpty()) {
                        return Future.succeededFuture(row.getBoolean("federated") ? Tried.NOWHERE : Tried.NONE);
                    }
                    var hash = row.getString("password_hash");
                    var right = hash == null
                            ? outside.verify(who.personName(), password)
                            : passwords.verify(password, Optional.of(hash));
                    return right.map(is -> is ? Tried.RIGHT : Tried.WRONG);
                });
    }

    private static Future<Void> byPassword(SqlConnection tx, Principal.SignedIn session, Tried tried) {
        return switch (tried) {
            case RIGHT -> Sessions.confirmed(tx, session.session(), false);
            case WRONG -> Future.failedFuture(Fault.UNAUTHENTICATED.because("the password is wrong"));
            case NONE -> Future.failedFuture(Fault.PROOF_WANTED.because("'password' is missing"));
            case NOWHERE ->
                Future.failedFuture(Fault.PROOF_WANTED.because(
                        "your password is not known here: sign in once more by your provider, then ask again"));
        };
    }

    /** Each try counts for the name until one is right, as at signing in; what was right or wrong is told to the audit. */
    private <S, T> Future<T> guarded(
            Principal who,
            String address,
            String action,
            Supplier<Future<S>> before,
            BiFunction<SqlConnection, S, Future<T>> proving) {
        var name = who.personName();
        return throttle.take(name, address)
                .compose(mayTry -> before.get())
                .compose(known -> pool.withTransaction(tx -> proving.apply(tx, known)
                        .compose(proven -> SignInThrottle.clear(tx, name, address)
                                .compose(cleared -> audit(tx, who, action, AuditRecord.OK, address))
                                .map(proven))))
                .recover(failure -> Fault.of(failure) == Fault.UNAUTHENTICATED
                        ? pool.withTransaction(tx -> audit(tx, who, action, Fault.UNAUTHENTICATED.name(), address))
                                .compose(told -> Future.failedFuture(failure))
                        : Future.failedFuture(failure))
                .recover(People::refusal);
    }

    private static Principal.SignedIn signedIn(Principal who) {
        return who.signedIn().orElseThrow();
    }

    private Future<Void> audit(SqlConnection tx, Principal who, String action, String outcome, String address) {
        return audit.add(tx, new AuditRecord(who.name(), action, who.name(), outcome, address, new JsonObject()));
    }
}

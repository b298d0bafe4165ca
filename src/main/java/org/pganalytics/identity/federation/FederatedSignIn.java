package org.pganalytics.identity.federation;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.Origin;
import org.pganalytics.identity.People;
import org.pganalytics.identity.Person;
import org.pganalytics.identity.Sessions;
import org.pganalytics.identity.SignIn;
import org.pganalytics.model.Role;

/** Signs in whom a provider has proven; every attempt is told to the audit with its outcome. */
public final class FederatedSignIn {
    private static final String ACTION = "person.sign-in";
    /** What is no attempt, or too many of them, is not told. */
    private static final Set<Fault> TOLD =
            EnumSet.of(Fault.UNAUTHENTICATED, Fault.FORBIDDEN, Fault.CONFLICT, Fault.DIRECTORY_DOWN);
    /** What an address may do a few times. */
    private static final Set<Fault> COUNTED = EnumSet.of(Fault.UNAUTHENTICATED, Fault.FORBIDDEN);

    private final Pool pool;
    private final Sessions sessions;
    private final SignIn.Strangers strangers;
    private final AuditTrail audit;
    private final FederatedPeople people;

    public FederatedSignIn(Pool pool, Sessions sessions, SignIn.Strangers strangers, AuditTrail audit) {
        this.pool = pool;
        this.sessions = sessions;
        this.strangers = strangers;
        this.audit = audit;
        this.people = new FederatedPeople(audit);
    }

    /** Does a step that proves nothing yet: fails as it does, and with RATE_LIMITED for an address refused too often. */
    public <T> Future<T> limited(Origin origin, Supplier<Future<T>> step) {
        return Future.<Void>succeededFuture().compose(begin -> {
            strangers.check().accept(origin.address());
            return step.get();
        });
    }

    /** The same of one that proves somebody: what is refused counts for the address, and is told to the audit. */
    public <T> Future<T> attempt(Provider provider, Origin origin, Supplier<Future<T>> step) {
        return limited(origin, step).recover(failure -> {
            if (COUNTED.contains(Fault.of(failure))) {
                strangers.failed().accept(origin.address());
            }
            var details = new JsonObject().put("reason", reason(failure));
            return refused(provider, "provider:" + provider.id(), details, origin, failure);
        });
    }

    /**
     * Begins a session of theirs and ends the one that the browser had; it lacks the second factor of who has one here or
     * whose role takes one, unless the provider's word counts. Fails with FORBIDDEN for who has no role, is disabled or
     * cannot be called so here, and CONFLICT for a name that somebody else has.
     *
     * @return the value of the cookie
     */
    public Future<String> admit(FederatedPerson person, Origin origin) {
        return person.role()
                .map(role -> pool.withTransaction(tx -> open(tx, person, role, origin)))
                .orElseGet(() -> withoutRole(person))
                .recover(failure -> refused(
                        person.provider(),
                        target(person),
                        new JsonObject().put("external_id", person.subject()),
                        origin,
                        failure));
    }

    /** What a provider calls somebody may be anything; only what can be a name here is told as one. */
    private static String target(FederatedPerson person) {
        return People.isName(person.name())
                ? Person.actor(person.name())
                : "provider:" + person.provider().id();
    }

    private Future<String> open(SqlConnection tx, FederatedPerson person, Role role, Origin origin) {
        return people.upToDate(tx, person, role)
                .compose(known -> Sessions.endShown(tx, origin.session())
                        .compose(ended -> sessions.open(
                                tx, known.id(), origin, person.provider().trustsFactor()))
                        .compose(cookie -> signedIn(tx, known.name(), person.provider(), origin)
                                .map(cookie)));
    }

    private Future<Void> signedIn(SqlConnection tx, String name, Provider provider, Origin origin) {
        var actor = Person.actor(name);
        var details = details(provider).put("second_factor", provider.trustsFactor() ? "trusted" : "nothing");
        return audit.add(tx, new AuditRecord(actor, ACTION, actor, AuditRecord.OK, origin.address(), details));
    }

    private static JsonObject details(Provider provider) {
        return new JsonObject().put("method", provider.source().key()).put("provider", provider.id());
    }

    private Future<String> withoutRole(FederatedPerson person) {
        return pool.withTransaction(tx -> people.shutOut(tx, person))
                .compose(out -> Future.failedFuture(Fault.FORBIDDEN.because(
                        "%s knows you, but none of your groups there has a role here; ask whoever keeps them"
                                .formatted(person.provider().id()))));
    }

    /** Ours, and of nobody: what the provider said of somebody is not in it. */
    private static String reason(Throwable failure) {
        return failure instanceof FaultException known ? known.detail() : Fault.INTERNAL.title();
    }

    /** What cannot be told to the audit is not answered either. */
    private <T> Future<T> refused(Provider provider, String target, JsonObject more, Origin origin, Throwable failure) {
        var fault = Fault.of(failure);
        if (!TOLD.contains(fault)) {
            return People.refusal(failure);
        }
        var record = new AuditRecord(
                provider.actor(),
                ACTION,
                target,
                fault.name(),
                origin.address(),
                details(provider).mergeIn(more));
        return pool.withTransaction(tx -> audit.add(tx, record))
                .recover(People::refusal)
                .compose(told -> Future.failedFuture(failure));
    }
}

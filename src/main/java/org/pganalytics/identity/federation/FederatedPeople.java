package org.pganalytics.identity.federation;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.identity.People;
import org.pganalytics.identity.PersonChange;
import org.pganalytics.identity.PersonChanges;
import org.pganalytics.model.Role;

/**
 * The providers' people in our table. Who they are says the provider's subject alone; a name that somebody has here is never
 * taken over, and stays what it was when they came first.
 */
final class FederatedPeople {
    private static final String KNOWN = """
            SELECT id, name, role, disabled_at IS NOT NULL AS disabled,
                coalesce(disabled_at = sync_disabled_at, false) AS by_sync
            FROM person WHERE source = $1 AND provider = $2 AND external_id = $3 FOR UPDATE
            """;

    private static final String SIGNED_IN = "UPDATE person SET signed_in_at = now() WHERE id = $1";

    private final AuditTrail audit;

    FederatedPeople(AuditTrail audit) {
        this.audit = audit;
    }

    /** Somebody who stands here. */
    record Known(UUID id, String name, Role role, boolean disabled, boolean bySync) {
        private static Known of(Row row) {
            return new Known(
                    row.getUUID("id"),
                    row.getString("name"),
                    Role.of(row.getString("role")).orElseThrow(),
                    row.getBoolean("disabled"),
                    row.getBoolean("by_sync"));
        }
    }

    /**
     * Adds who is new, and brings who is there up to date; has their row locked afterwards. Fails with FORBIDDEN for who is
     * disabled or cannot be called so here, and CONFLICT for a name that somebody has.
     *
     * @param role theirs from now on
     */
    Future<Known> upToDate(SqlConnection tx, FederatedPerson person, Role role) {
        return find(tx, person)
                .compose(found ->
                        found.isPresent() ? follow(tx, person, found.orElseThrow(), role) : add(tx, person, role))
                .compose(known -> tx.preparedQuery(SIGNED_IN)
                        .execute(Tuple.of(known.id()))
                        .map(known));
    }

    private static Future<Optional<Known>> find(SqlConnection tx, FederatedPerson person) {
        return tx.preparedQuery(KNOWN)
                .execute(Tuple.of(
                        person.provider().source().key(), person.provider().id(), person.subject()))
                .map(rows -> {
                    for (var row : rows) {
                        return Optional.of(Known.of(row));
                    }
                    return Optional.empty();
                });
    }

    private Future<Known> follow(SqlConnection tx, FederatedPerson person, Known known, Role role) {
        if (known.disabled() && !known.bySync()) {
            return Future.failedFuture(Fault.FORBIDDEN.because("an admin has shut you out here; ask them"));
        }
        var enabled = known.disabled()
                ? apply(tx, person, change(PersonChange.Kind.ENABLE, known, role))
                : Future.succeededFuture(true);
        return enabled.compose(may -> known.role() == role
                        ? Future.succeededFuture(true)
                        : apply(tx, person, change(PersonChange.Kind.SET_ROLE, known, role)))
                .map(known);
    }

    private Future<Known> add(SqlConnection tx, FederatedPerson person, Role role) {
        if (!People.isName(person.name())) {
            return Future.failedFuture(Fault.FORBIDDEN.because(
                    "what %s calls you cannot be a name here: 1 to 63 of a-z, 0-9, '.', '_', '@', '-'; an admin can add you"
                                    .formatted(person.provider().id())
                            + " under another one, and link you"));
        }
        return apply(tx, person, PersonChange.add(person.name(), role, person.subject()))
                .compose(added -> find(tx, person))
                .compose(found ->
                        found.map(Future::succeededFuture).orElseGet(() -> Future.failedFuture(taken(person))));
    }

    private static FaultException taken(FederatedPerson person) {
        return Fault.CONFLICT.because(
                "somebody here is called '%s' already, and nothing says that it is you; an admin can link you to %s"
                        .formatted(person.name(), person.provider().id()));
    }

    /** Who comes without a role any more stays out, with their sessions and tokens, until they come with one. */
    Future<Void> shutOut(SqlConnection tx, FederatedPerson person) {
        return find(tx, person)
                .compose(found -> found.isPresent() && !found.orElseThrow().disabled()
                        ? apply(
                                tx,
                                person,
                                change(
                                        PersonChange.Kind.DISABLE,
                                        found.orElseThrow(),
                                        found.orElseThrow().role()))
                        : Future.succeededFuture(false))
                .mapEmpty();
    }

    private static PersonChange change(PersonChange.Kind kind, Known known, Role role) {
        return PersonChange.of(kind, known.id(), known.name(), known.role().key(), role, "");
    }

    private Future<Boolean> apply(SqlConnection tx, FederatedPerson person, PersonChange change) {
        var provider = person.provider();
        return new PersonChanges(audit, provider.source().key(), provider.id()).apply(tx, change, provider.actor());
    }
}

package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.fleet.Assignment.Version;

/** Which collectors run which version of a profile: rolled out, in part or in full, and back. Failures are faults. */
public final class Assignments {
    private static final int ASSIGNMENTS_MAX = 1_000;
    private static final String ALL = """
            SELECT a.profile, a.selector, a.precedence, a.version, a.percent, a.before_version, v.tag, b.tag AS before_tag
            FROM profile_assignment a JOIN profile_version v USING (profile, version)
            LEFT JOIN profile_version b ON b.profile = a.profile AND b.version = a.before_version
            ORDER BY a.precedence DESC, a.profile, a.selector
            """;
    private static final String PUT = """
            INSERT INTO profile_assignment (profile, selector, precedence, version, percent, before_version)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (profile, selector) DO UPDATE SET precedence = excluded.precedence, version = excluded.version,
                percent = excluded.percent, before_version = excluded.before_version, changed_at = now()
            """;
    private static final String TAG = "SELECT tag FROM profile_version WHERE profile = $1 AND version = $2";

    private final Pool pool;
    private final ProfileChanges changes;

    public Assignments(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.changes = new ProfileChanges(pool, audit);
    }

    /** All of them, in the order in which they count. */
    public Future<List<Assignment>> list() {
        return list(pool).recover(Collectors::refusal);
    }

    static Future<List<Assignment>> list(SqlClient client) {
        return client.query(ALL).execute().map(rows -> {
            var assignments = new ArrayList<Assignment>();
            rows.forEach(row -> assignments.add(Assignment.of(row)));
            return List.copyOf(assignments);
        });
    }

    /**
     * What is to be rolled out.
     *
     * @param selector to which collectors; with the profile it names the assignment
     * @param precedence empty: that of the assignment as it is, else 0
     * @param percent of these collectors, 1 to 100; the others stay with the version before
     */
    public record RollOut(String profile, int version, Selector selector, OptionalInt precedence, int percent) {}

    /** Rolls a version out. Fails with NOT_FOUND and BAD_REQUEST. @param actor who does it, for the audit */
    public Future<Assignment> assign(RollOut rollOut, String actor) {
        var wrong = wrong(rollOut);
        if (wrong.isPresent()) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(wrong.get()));
        }
        return changes.change(tx -> tagged(tx, rollOut.profile(), rollOut.version())
                .compose(version -> list(tx).compose(all -> {
                    var now = find(all, rollOut.profile(), rollOut.selector());
                    if (now.isEmpty() && all.size() >= ASSIGNMENTS_MAX) {
                        return Future.failedFuture(Fault.CONFLICT.because(
                                "%d assignments are all there may be; end one first".formatted(ASSIGNMENTS_MAX)));
                    }
                    return put(tx, following(now, rollOut, version), "profile.assign", actor);
                })));
    }

    private static Optional<String> wrong(RollOut rollOut) {
        if (rollOut.percent() < 1 || rollOut.percent() > 100) {
            return Optional.of("percent = %d must be between 1 and 100".formatted(rollOut.percent()));
        }
        int precedence = rollOut.precedence().orElse(0);
        return precedence < 0 || precedence > Assignment.PRECEDENCE_MAX
                ? Optional.of(
                        "precedence = %d must be between 0 and %d".formatted(precedence, Assignment.PRECEDENCE_MAX))
                : Optional.empty();
    }

    /** The version before is the last one that all ran: a second try of a part does not make the first one it. */
    private static Assignment following(Optional<Assignment> now, RollOut rollOut, Version version) {
        var before = now.flatMap(
                present -> present.percent() == 100 && !present.current().equals(version)
                        ? Optional.of(present.current())
                        : present.before().filter(earlier -> !earlier.equals(version)));
        int precedence =
                rollOut.precedence().orElse(now.map(Assignment::precedence).orElse(0));
        return new Assignment(rollOut.profile(), rollOut.selector(), precedence, version, rollOut.percent(), before);
    }

    /**
     * Goes back to an earlier version, for all that the assignment chooses. Fails with NOT_FOUND, and with CONFLICT when
     * none is named and there was none before.
     *
     * @param to the version to go back to; empty: the one before
     */
    public Future<Assignment> rollBack(String profile, Selector selector, OptionalInt to, String actor) {
        return changes.change(tx -> list(tx).compose(all -> {
            var now = find(all, profile, selector).orElseThrow(() -> notAssigned(profile, selector));
            if (to.isEmpty() && now.before().isEmpty()) {
                return Future.failedFuture(Fault.CONFLICT.because(
                        "profile '%s' ran no version before %d here; say which one to go back to, or end the assignment"
                                .formatted(profile, now.current().number())));
            }
            return tagged(
                            tx,
                            profile,
                            to.orElseGet(() -> now.before().orElseThrow().number()))
                    .compose(version -> put(
                            tx,
                            new Assignment(profile, selector, now.precedence(), version, 100, Optional.empty()),
                            "profile.rollback",
                            actor));
        }));
    }

    /** Ends an assignment: its collectors run what the next one that matches says, or only their own configuration. */
    public Future<Void> end(String profile, Selector selector, String actor) {
        return changes.change(tx -> tx.preparedQuery(
                        "DELETE FROM profile_assignment WHERE profile = $1 AND selector = $2")
                .execute(Tuple.of(profile, selector.toString()))
                .compose(deleted -> deleted.rowCount() == 0
                        ? Future.failedFuture(notAssigned(profile, selector))
                        : changes.audit(
                                tx,
                                actor,
                                "profile.unassign",
                                profile,
                                new JsonObject().put("selector", selector.toString()))));
    }

    private static Future<Version> tagged(SqlConnection tx, String profile, int version) {
        return tx.preparedQuery(TAG).execute(Tuple.of(profile, version)).map(rows -> {
            if (rows.size() == 0) {
                throw Profiles.noVersion(profile, version);
            }
            return new Version(version, rows.iterator().next().getString("tag"));
        });
    }

    private static Optional<Assignment> find(List<Assignment> all, String profile, Selector selector) {
        return all.stream()
                .filter(one -> one.profile().equals(profile)
                        && one.selector().toString().equals(selector.toString()))
                .findFirst();
    }

    private static FaultException notAssigned(String profile, Selector selector) {
        return Fault.NOT_FOUND.because(
                "profile '%s' is not assigned to the selector '%s'".formatted(profile, selector));
    }

    private Future<Assignment> put(SqlConnection tx, Assignment assignment, String action, String actor) {
        var row = Tuple.of(assignment.profile(), assignment.selector().toString(), assignment.precedence())
                .addInteger(assignment.current().number())
                .addInteger(assignment.percent())
                .addInteger(assignment.before().map(Version::number).orElse(null));
        var details = assignment.json();
        details.remove("profile");
        return tx.preparedQuery(PUT)
                .execute(row)
                .compose(done -> changes.audit(tx, actor, action, assignment.profile(), details))
                .map(assignment);
    }
}

package org.pganalytics.identity.ldap;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.pganalytics.identity.PersonChange;

/** Brings all of the directory's people up to date here, once a call. */
public final class LdapSync {
    private final LdapConfig config;
    private final Directory directory;
    private final DirectoryPeople people;
    private final WorkerExecutor worker;

    /**
     * What came of it.
     *
     * @param changes that were made, or would be
     * @param heldBack people who would have been disabled, and are not
     * @param why they are not; empty when none is held back
     * @param passedOver names of the directory that cannot be had here, and why
     */
    public record Report(
            List<PersonChange> changes, List<PersonChange> heldBack, Optional<String> why, List<String> passedOver) {
        public Report {
            changes = List.copyOf(changes);
            heldBack = List.copyOf(heldBack);
            passedOver = List.copyOf(passedOver);
        }
    }

    /** Where each change has a transaction of its own. */
    @FunctionalInterface
    public interface Transactions {
        /** Commits when the change succeeds. */
        Future<Boolean> in(Function<SqlConnection, Future<Boolean>> change);
    }

    /** @param worker where the directory is read */
    LdapSync(LdapConfig config, Directory directory, DirectoryPeople people, WorkerExecutor worker) {
        this.config = config;
        this.directory = directory;
        this.people = people;
        this.worker = worker;
    }

    /** What would be done. Fails with DIRECTORY_DOWN when the directory was not read to its end. */
    public Future<Report> plan() {
        return worker.executeBlocking(directory::all, false)
                .compose(snapshot -> people.all().map(known -> report(config, snapshot, known)));
    }

    /** Fails as {@link #plan} does, and when the database does; what was changed until then stays. */
    public Future<Report> run(Transactions transactions, String actor) {
        return plan().compose(planned -> {
            var made = new ArrayList<PersonChange>();
            var done = Future.<Void>succeededFuture();
            for (var change : planned.changes()) {
                done = done.compose(next -> transactions.in(tx -> people.apply(tx, change, actor)))
                        .map(changed -> {
                            if (changed) {
                                made.add(change);
                            }
                            return null;
                        });
            }
            return done.map(all -> new Report(made, planned.heldBack(), planned.why(), planned.passedOver()));
        });
    }

    static Report report(LdapConfig config, Directory.Snapshot snapshot, List<KnownPerson> known) {
        var plan = SyncPlan.of(snapshot.people(), known);
        var why = plan.goneEnabled().isEmpty() ? Optional.<String>empty() : doubt(config, snapshot, plan);
        var changes = new ArrayList<>(plan.changes());
        if (why.isEmpty()) {
            changes.addAll(plan.goneEnabled());
        }
        return new Report(changes, why.isPresent() ? plan.goneEnabled() : List.of(), why, plan.passedOver());
    }

    /** Whether what is missing says more of the directory than of people. */
    private static Optional<String> doubt(LdapConfig config, Directory.Snapshot snapshot, SyncPlan plan) {
        if (!snapshot.absentGroups().isEmpty()) {
            return Optional.of("groups of identity.ldap.roles are not there: " + snapshot.absentGroups());
        }
        if (snapshot.people().stream().allMatch(entry -> entry.role().isEmpty())) {
            return Optional.of("nobody in the directory has a role");
        }
        int gone = plan.goneEnabled().size();
        return gone > 1 && gone * 100L > (long) plan.enabled() * config.disablePercentMax()
                ? Optional.of("%d of %d are gone at once, more than identity.ldap.disable-percent-max (%d)"
                        .formatted(gone, plan.enabled(), config.disablePercentMax()))
                : Optional.empty();
    }
}

package org.pganalytics.identity.ldap;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Syncs at times, on one of all the servers: the one that leads in it, on the connection that holds the lead. */
public final class LdapSyncVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(LdapSyncVerticle.class);

    private final Leadership leadership;
    private final LdapSync sync;
    private final Duration every;
    private final Clock clock;
    private final LdapMeters meters;
    private volatile boolean stopping;
    private boolean running;
    private long timer = -1;

    /** @param leadership started and stopped by this verticle @param every between two syncs */
    public LdapSyncVerticle(Leadership leadership, LdapSync sync, Duration every, Clock clock, LdapMeters meters) {
        this.leadership = leadership;
        this.sync = sync;
        this.every = every;
        this.clock = clock;
        this.meters = meters;
    }

    /** Whoever takes the lead begins with a sync. */
    @Override
    public Future<?> start() {
        var here = vertx.getOrCreateContext();
        leadership.onChange(leads -> here.runOnContext(changed -> turn()));
        timer = vertx.setPeriodic(every.toMillis(), due -> turn());
        return leadership.start();
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        vertx.cancelTimer(timer);
        return leadership.stop();
    }

    private void turn() {
        if (running || stopping || !leadership.isLeader()) {
            return;
        }
        running = true;
        sync.run(this::inTransaction, DirectoryPeople.ACTOR)
                .onSuccess(this::tell)
                .onFailure(this::tellFailure)
                .onComplete(done -> running = false);
    }

    private void tell(LdapSync.Report report) {
        report.changes().forEach(change -> {
            meters.changed(change.kind());
            LOG.info("sync with the directory: {}", change);
        });
        report.passedOver().forEach(name -> LOG.debug("sync with the directory passes over {}", name));
        report.why()
                .ifPresent(why -> LOG.warn(
                        "sync with the directory disables none of {}: {}",
                        report.heldBack().size(),
                        why));
        meters.synced(report.why().isPresent() ? "held-back" : "done");
        meters.done(clock.millis(), report.passedOver().size());
    }

    private void tellFailure(Throwable failure) {
        if (!stopping) {
            meters.synced("failed");
            LOG.warn(
                    "the sync with the directory failed, and disabled nobody for what it did not see: {}",
                    failure.getMessage());
        }
    }

    private Future<Boolean> inTransaction(Function<SqlConnection, Future<Boolean>> change) {
        return leadership
                .lead(connection -> connection
                        .begin()
                        .compose(tx -> change.apply(connection)
                                .compose(changed -> tx.commit().map(changed))
                                .recover(failure -> tx.rollback().transform(ended -> Future.failedFuture(failure)))))
                .compose(led -> led.map(Future::succeededFuture)
                        .orElseGet(() -> Future.failedFuture(
                                Fault.DRAINING.because("another server has taken the lead in this"))));
    }
}

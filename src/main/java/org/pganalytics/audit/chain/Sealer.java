package org.pganalytics.audit.chain;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.SqlConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.pganalytics.cluster.Leadership;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts new events into the chain, on one of all the servers: the one that leads, and on the very connection that holds the
 * lead. One instance.
 */
public final class Sealer extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);

    /** Some megabytes, and some tens of milliseconds of a worker. */
    private static final int AT_ONCE = 5_000;

    private static final Duration PRUNE_EVERY = Duration.ofHours(1);

    private final Leadership leadership;
    private final AuditKeys keys;
    private final Optional<CheckpointFile> file;
    private final Duration every;
    private final Pruner pruner;
    private final Clock clock;
    private final Counter sealed;
    private final Counter bent;
    private WorkerExecutor worker;
    private Checkpoint mine;
    private volatile String broken;
    private volatile String untold;
    private boolean failing;

    /**
     * How it seals.
     *
     * @param file what was sealed is told there, too
     * @param every between two looks
     * @param retention how long what was sealed is kept
     */
    public record Settings(Optional<CheckpointFile> file, Duration every, Duration retention) {}

    /** @param leadership started and stopped by this verticle */
    public Sealer(Leadership leadership, AuditKeys keys, Settings settings, Clock clock, MeterRegistry meters) {
        this.leadership = leadership;
        this.keys = keys;
        this.file = settings.file();
        this.every = settings.every();
        this.pruner = new Pruner(keys, settings.retention(), clock);
        this.clock = clock;
        this.sealed = meters.counter("pganalytics.audit.sealed");
        this.bent = meters.counter("pganalytics.audit.bent");
    }

    @Override
    public Future<?> start() {
        worker = vertx.createSharedWorkerExecutor("pganalytics-audit", 1);
        leadership.onChange(leads -> mine = null);
        vertx.setPeriodic(every.toMillis(), tick -> seal());
        vertx.setPeriodic(PRUNE_EVERY.toMillis(), tick -> prune());
        return leadership.start();
    }

    /** Deletes what is past its time; does nothing on a server that does not lead. Never fails. */
    Future<Void> prune() {
        return leadership
                .lead(pruner::prune)
                .map(done -> done.flatMap(Function.identity()))
                .compose(pruned -> pruned.map(signed -> told(signed).compose(told -> prune()))
                        .orElseGet(Future::succeededFuture))
                .onFailure(failure -> LOG.warn("old audit events could not be deleted: {}", failure.getMessage()))
                .otherwiseEmpty();
    }

    /** What is there still is sealed first: a single server leaves nothing behind. */
    @Override
    public Future<?> stop() {
        return seal().eventually(leadership::stop).eventually(worker::close);
    }

    /** What this server saw of a chain that was bent while it sealed, or what keeps it from telling; empty when nothing. */
    public Optional<String> problem() {
        return Optional.ofNullable(broken == null ? untold : broken);
    }

    /** Seals all that is there; does nothing on a server that does not lead. Never fails. */
    Future<Void> seal() {
        return leadership
                .lead(connection -> recalled(connection)
                        .compose(recalled -> begun(connection))
                        .compose(begun -> batch(connection, begun)))
                .compose(
                        done -> done.filter(Sealer::wasFull).map(full -> seal()).orElseGet(Future::succeededFuture))
                .onSuccess(done -> failing = false)
                .onFailure(this::tellFirst)
                .otherwiseEmpty();
    }

    private static boolean wasFull(Sealing sealing) {
        return sealing.seals().size() + sealing.dropped().size() >= AT_ONCE;
    }

    /** Whoever bent the chain while this server did not seal is seen by what it told last. */
    private Future<Void> recalled(SqlConnection connection) {
        if (mine != null || file.isEmpty()) {
            return Future.succeededFuture();
        }
        return worker.executeBlocking(() -> file.get().last())
                .compose(last -> last.map(told ->
                                new SealTable(connection).leadsTo(told).onSuccess(leads -> tellBroken(leads, told)))
                        .orElseGet(() -> Future.succeededFuture(true)))
                .mapEmpty();
    }

    private void tellBroken(boolean leads, Checkpoint told) {
        if (!leads) {
            broken =
                    "the chain of the audit does not lead to position %d any more, which audit.checkpoint-file tells: run"
                                    .formatted(told.position())
                            + " ./pganalytics audit verify";
            LOG.error(broken);
        }
    }

    private Future<Checkpoint> begun(SqlConnection connection) {
        var table = new SealTable(connection);
        return table.beginning()
                .compose(found -> found.isPresent()
                        ? Future.succeededFuture(found.get())
                        : table.begin(keys, now()).compose(begun -> told(begun).map(begun)));
    }

    private Future<Sealing> batch(SqlConnection connection, Checkpoint begun) {
        var table = new SealTable(connection);
        return connection
                .begin()
                .compose(tx -> table.last()
                        .compose(last -> {
                            compare(last.orElse(begun));
                            return table.unsealed(AT_ONCE)
                                    .compose(waiting -> sealing(last.orElse(begun), begun, waiting));
                        })
                        .compose(sealing -> table.write(sealing).map(sealing))
                        .compose(sealing -> tx.commit().map(sealing))
                        .onFailure(failure -> tx.rollback()))
                .compose(this::tell);
    }

    private Future<Sealing> sealing(Checkpoint last, Checkpoint begun, List<Sealing.Waiting> waiting) {
        return worker.executeBlocking(() -> Sealing.of(last, begun.beforeId(), waiting, keys, now()));
    }

    /** Whoever cuts the end off while this server seals is seen at once, not only when somebody verifies. */
    private void compare(Checkpoint last) {
        if (mine != null && (mine.position() != last.position() || !Arrays.equals(mine.hash(), last.hash()))) {
            broken = "the chain of the audit ended at position %d, and now ends at %d: run ./pganalytics audit verify"
                    .formatted(mine.position(), last.position());
            LOG.error(broken);
        }
        mine = last;
    }

    private Future<Sealing> tell(Sealing sealing) {
        if (sealing.checkpoint() == null) {
            return Future.succeededFuture(sealing);
        }
        mine = sealing.checkpoint();
        sealed.increment(sealing.seals().size());
        if (sealing.bent() > 0) {
            bent.increment(sealing.bent());
            LOG.error(
                    "{} audit events up to position {} are not as a server with keys wrote them",
                    sealing.bent(),
                    mine.position());
        }
        return told(mine).map(sealing);
    }

    /** What was sealed is sealed, also when the file does not take it. */
    private Future<Void> told(Checkpoint checkpoint) {
        return file.map(where -> worker.<Void>executeBlocking(() -> {
                            where.add(checkpoint);
                            return null;
                        })
                        .onSuccess(told -> untold = null)
                        .onFailure(failure -> tellUntold(failure.toString()))
                        .otherwiseEmpty())
                .orElseGet(Future::succeededFuture);
    }

    private void tellUntold(String why) {
        if (untold == null) {
            LOG.error("audit.checkpoint-file cannot be written: {}", why);
        }
        untold = "audit.checkpoint-file cannot be written: " + why;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private void tellFirst(Throwable failure) {
        if (!failing) {
            failing = true;
            LOG.warn("audit events are not sealed at the moment: {}", failure.getMessage());
        }
    }
}

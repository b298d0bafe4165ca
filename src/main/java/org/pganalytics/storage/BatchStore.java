package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.DRAINING;
import static org.pganalytics.fault.Fault.STORE_DOWN;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.fault.ByteRoom;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Receipt;
import org.pganalytics.storage.series.SeriesLimits;

/** The end of the corridor: takes batches, and answers each after the commit that settles it. */
public final class BatchStore implements Intake {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration CLEAR_EVERY = Duration.ofMinutes(10);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);

    private final Vertx vertx;
    private final StorageConfig config;
    private final StoreHealth health;
    private final LongSupplier nanoClock;
    private final Answers answers;
    private final List<Lane> lanes = new ArrayList<>();
    private final ByteRoom queue;

    private final Clearance clearance;
    private final WorkerExecutor bodyWorker;

    private volatile boolean open;
    private volatile long clearing = -1;

    /** What the store leans on. @param retryAfterMax longest wait that a sender is told whose batch has no room */
    public record Surroundings(
            Vertx vertx,
            Pool pool,
            Tables tables,
            SeriesLimits series,
            Bus bus,
            MeterRegistry meters,
            Clock clock,
            LongSupplier nanoClock,
            Duration retryAfterMax) {}

    public BatchStore(StorageConfig config, Surroundings around) {
        this.config = config;
        this.vertx = around.vertx();
        this.nanoClock = around.nanoClock();
        this.queue = new ByteRoom(config.queueBytesMax(), around.retryAfterMax(), nanoClock);
        var pool = around.pool();
        this.health = new StoreHealth(
                vertx,
                new Transactions(pool, PROBE_TIMEOUT, PROBE_TIMEOUT, PROBE_TIMEOUT),
                around.bus(),
                nanoClock,
                config.groupTimeout());
        this.clearance = new Clearance(pool, config.quarantineKeep());
        this.answers = new Answers(around.bus(), around.series(), around.meters(), nanoClock);
        this.bodyWorker = vertx.createSharedWorkerExecutor("quarantine-bodies", 1);
        var seconds = new SecondsTable(pool);
        var texts = new CommittedTexts(around.tables(), nanoClock, around.meters());
        var holders = new StalledHolders(pool, config.holderLimit());
        for (int lane = 0; lane < config.lanes(); lane++) {
            var meters = new GroupMeters(around.meters(), lane, nanoClock);
            lanes.add(new Lane(
                    config,
                    new Lane.Parts(writer(around, seconds, texts), health, holders, answers, nanoClock, meters)));
        }
        Gauge.builder("pganalytics.storage.queue.bytes", queue, ByteRoom::used)
                .description("memory of batches that wait or are being written")
                .register(around.meters());
        Gauge.builder("pganalytics.storage.up", health, store -> store.takes() ? 1 : 0)
                .description("whether the database answers")
                .register(around.meters());
    }

    private GroupWriter writer(Surroundings around, SecondsTable seconds, CommittedTexts texts) {
        var tables = around.tables();
        var writers = BlockEncoding.writers(config, tables);
        var check = new BatchCheck(tables, around.clock(), config.clockAhead());
        return new GroupWriter(
                new Preparation(
                        new BlockEncoding(check, tables, writers, around.series()),
                        tables,
                        seconds,
                        bodyWorker,
                        answers),
                transactions(config, around.pool()),
                new GroupTransaction(
                        new GroupTransaction.Books(
                                new LedgerTable(config.digestRing()),
                                seconds,
                                new LossTable(),
                                new QuarantineTable(config.quarantineBytesMax())),
                        new FamilyWriter(writers),
                        texts,
                        new RollUpDue(tables)),
                tables,
                health,
                answers);
    }

    static Transactions transactions(StorageConfig config, Pool pool) {
        return new Transactions(pool, config.statementTimeout(), config.holderLimit(), config.transactionTimeout());
    }

    /** Completes when batches are taken. */
    public Future<Void> start() {
        return Future.all(lanes.stream().map(vertx::deployVerticle).toList()).map(deployed -> {
            health.start(config.probeEvery());
            clearing = vertx.setPeriodic(CLEAR_EVERY.toMillis(), due -> clearance.clear());
            open = true;
            return null;
        });
    }

    /** Takes no more batches; completes when all that were taken are answered. */
    public Future<Void> stop() {
        open = false;
        vertx.cancelTimer(clearing);
        return Future.all(lanes.stream().map(Lane::drain).toList())
                .onComplete(drained -> {
                    health.stop();
                    bodyWorker.close();
                })
                .mapEmpty();
    }

    /** Fails when the database does not answer, takes no writes, or let a group wait too long lately. */
    public Future<Void> probe() {
        return health.ready();
    }

    @Override
    public Future<Receipt> accept(Batch batch) {
        long bytes = Pending.memoryBytes(batch);
        Promise<Receipt> answer = Promise.promise();
        var pending = new Pending(batch, answer, bytes, nanoClock.getAsLong());
        var refusal = admit(bytes);
        if (refusal != null) {
            answers.refuseUnseen(pending, refusal);
            return answer.future();
        }
        var home = vertx.getOrCreateContext();
        lanes.get(Math.floorMod(batch.collector().hashCode(), lanes.size())).offer(pending);
        return answer.future().onComplete(answered -> queue.release(bytes)).transform(at(home));
    }

    @Override
    public Optional<FaultException> refusalNow(UUID collector, long bytes) {
        var why = shut();
        if (why == null && !queue.hasRoom(bytes)) {
            why = full(bytes);
        }
        if (why != null) {
            answers.refuseUnread(collector, why);
        }
        return Optional.ofNullable(why);
    }

    /** Takes up room in the queue, or says why there is none. */
    private FaultException admit(long bytes) {
        var why = shut();
        return why != null || queue.takeOrAlone(bytes) ? why : full(bytes);
    }

    private FaultException full(long bytes) {
        return queue.full("too many batches wait for the database", bytes);
    }

    private FaultException shut() {
        if (!open) {
            return DRAINING.because("this server is going down").retryAfter(SOON);
        }
        if (!health.takes()) {
            return STORE_DOWN.because("the database does not answer").retryAfter(SOON);
        }
        return null;
    }

    /** Lets an answer that was made on a lane arrive where the batch came from. */
    private static Function<AsyncResult<Receipt>, Future<Receipt>> at(Context home) {
        return answered -> {
            Promise<Receipt> arrived = Promise.promise();
            home.runOnContext(here -> arrived.handle(answered));
            return arrived.future();
        };
    }
}

package org.pganalytics.collector.load;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.pganalytics.model.MetricFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a simulated fleet: start, observe, settle, compare, report. Used once. */
public final class LoadRun {
    private static final Logger LOG = LoggerFactory.getLogger(LoadRun.class);
    private static final long SETTLE_POLL_MILLIS = 50;
    private static final long VERIFY_MINUTES_MAX = 60;

    private final Vertx vertx;
    private final LoadConfig config;
    private final BlockGenerator generator;
    private final LoadCounters counters;
    private final Promise<Void> broken = Promise.promise();
    private final Promise<Void> enough = Promise.promise();
    private final List<FleetSlice> slices = new ArrayList<>();
    private final WorkerExecutor encoding;
    private final WorkerExecutor files;
    private final Path journalFile;
    private Journal journal;

    /** @param families what each target is observed for, as the server knows them */
    public LoadRun(Vertx vertx, LoadConfig config, List<MetricFamily> families) {
        this.vertx = vertx;
        this.config = config;
        this.counters = new LoadCounters(Clock.systemUTC(), config.gapsOver().toMillis());
        this.generator = new BlockGenerator(config.seed(), families);
        this.journalFile = config.journalDir().resolve("load-%016x.journal".formatted(config.seed()));
        this.encoding = vertx.createSharedWorkerExecutor(
                "load-encoding", Runtime.getRuntime().availableProcessors());
        this.files = vertx.createSharedWorkerExecutor("load-files", 1, VERIFY_MINUTES_MAX, TimeUnit.MINUTES);
    }

    /** Runs it all. Fails when the journal cannot be written or the database not be read; else a report tells. */
    public Future<LoadReport> run() {
        long startNanos = System.nanoTime();
        LOG.info("{}; journal {}", config, journalFile);
        return files.executeBlocking(this::openJournal)
                .compose(opened -> startFleet())
                .compose(started -> observe())
                .compose(over -> settle(System.nanoTime() + config.settleMax().toNanos()))
                .eventually(this::stopFleet)
                .compose(lost -> verification()
                        .map(found -> LoadReport.of(
                                counters,
                                lost + counters.givenUp.sum(),
                                counters.secondsUntilLastAck(startNanos),
                                found)))
                .eventually(() -> Future.join(encoding.close(), files.close()));
    }

    /** Observes no more, before its time; what is on its way is settled, compared and reported. Safe from any thread. */
    public void finish() {
        enough.tryComplete();
    }

    /** Completes after the duration, or fails as soon as it is useless to go on. */
    private Future<Void> observe() {
        return Future.future(over -> {
            vertx.setTimer(config.duration().toMillis(), timer -> over.tryComplete());
            enough.future().onSuccess(ended -> over.tryComplete());
            broken.future().onFailure(over::tryFail);
        });
    }

    private Journal openJournal() throws Exception {
        Files.createDirectories(config.journalDir());
        journal = Journal.open(vertx, journalFile);
        return journal;
    }

    private Future<?> startFleet() {
        var shared = new LoadShared(journal, counters, config.limits(), broken::tryFail);
        var links = new LinkMakers(config);
        var encoder = new TickEncoder(generator, links.bodyForm());
        int count = Math.min(config.collectors(), Runtime.getRuntime().availableProcessors());
        IntStream.range(0, count)
                .mapToObj(number ->
                        new FleetSlice(config, new FleetSlice.Place(number, count), shared, encoder, encoding, links))
                .forEach(slices::add);
        return Future.all(slices.stream().map(vertx::deployVerticle).toList());
    }

    /** @return how many batches are unsettled at the end */
    private Future<Long> settle(long untilNanos) {
        slices.forEach(FleetSlice::stopObserving);
        return unsettled().compose(count -> {
            if (broken.future().failed()) {
                return Future.failedFuture(broken.future().cause());
            }
            return count == 0 || System.nanoTime() >= untilNanos
                    ? Future.succeededFuture(count)
                    : vertx.timer(SETTLE_POLL_MILLIS, TimeUnit.MILLISECONDS).compose(waited -> settle(untilNanos));
        });
    }

    private Future<Long> unsettled() {
        var counts = slices.stream().map(FleetSlice::unsettled).toList();
        return Future.all(counts)
                .map(all -> counts.stream().mapToLong(Future::result).sum());
    }

    private Future<?> stopFleet() {
        counters.linkEnds().forEach(end -> LOG.warn("a connection ended: {}", end));
        return Future.join(slices.stream()
                        .map(slice -> vertx.undeploy(slice.deploymentID()))
                        .toList())
                .eventually(() -> journal == null ? Future.succeededFuture() : journal.close());
    }

    private Future<Optional<Verification>> verification() {
        return config.verify()
                ? files.executeBlocking(this::compare).map(Optional::of)
                : Future.succeededFuture(Optional.empty());
    }

    private Verification compare() throws Exception {
        var journalled = JournalReader.read(journalFile);
        try (var connection = config.database().connect()) {
            var found = new LoadVerifier(generator, connection, journalled).verify();
            found.details().forEach(detail -> LOG.warn("verify: {}", detail));
            return found;
        }
    }
}

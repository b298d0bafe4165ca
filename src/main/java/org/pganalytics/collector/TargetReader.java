package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Scope;
import org.pganalytics.model.MetricFamily.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one PostgreSQL server, each family at its interval; what goes wrong here touches no other target. */
final class TargetReader {
    private static final Logger LOG = LoggerFactory.getLogger(TargetReader.class);
    private static final long TICK_MILLIS = 100;
    private static final Duration FIRST_WITHIN = Duration.ofSeconds(10);
    private static final String DATABASES = "SELECT datname::text FROM pg_database WHERE datallowconn AND NOT"
            + " datistemplate AND has_database_privilege(oid, 'connect') ORDER BY 1";

    private final Vertx vertx;
    private final TargetConfig config;
    private final ConnectionLanes lanes;
    private final DictionaryReader dictionaries;
    private final Batcher batcher;
    private final Clock clock;
    private final List<FamilyJob> jobs = new ArrayList<>();
    private final SendingRule sending;
    private long ticker = -1;
    private long rows;
    private int version;

    TargetReader(
            Vertx vertx,
            TargetConfig config,
            ConnectionLanes lanes,
            List<MetricFamily> families,
            Batcher batcher,
            Clock clock,
            RandomGenerator random) {
        this.vertx = vertx;
        this.config = config;
        this.lanes = lanes;
        this.batcher = batcher;
        this.clock = clock;
        this.sending = new SendingRule(random, clock);
        this.dictionaries = new DictionaryReader(config, families, clock);
        long now = System.nanoTime();
        for (var family : families) {
            if (isRead(family) && !config.skip().contains(family.name())) {
                var interval = config.intervals().getOrDefault(family.name(), family.interval());
                long spread = Math.min(interval.toNanos(), FIRST_WITHIN.toNanos());
                jobs.add(new FamilyJob(family, interval, now + random.nextLong(spread)));
            }
        }
    }

    private static boolean isRead(MetricFamily family) {
        return family.kind() == Kind.SAMPLES && family.reading().source() == Source.SQL;
    }

    void start() {
        ticker = vertx.setPeriodic(TICK_MILLIS, tick -> {
            long now = System.nanoTime();
            jobs.stream().filter(job -> job.start(now)).forEach(this::run);
        });
    }

    Future<Void> close() {
        vertx.cancelTimer(ticker);
        return lanes.close();
    }

    /** The server may lack texts and rows it was told before. */
    void forgetTexts() {
        dictionaries.forget();
        sending.forget();
    }

    TargetStatus status() {
        Map<String, String> errors = new HashMap<>();
        jobs.forEach(job ->
                job.lastError().ifPresent(error -> errors.put(job.family().name(), error)));
        return new TargetStatus(
                config.name(),
                version,
                rows,
                jobs.stream().mapToLong(FamilyJob::skipped).sum(),
                errors);
    }

    private void run(FamilyJob job) {
        Future<Void> done = job.family().scope() == Scope.CLUSTER
                ? lanes.use(config.database(), session -> collect(session, job.family(), config.database()))
                : collectInDatabases(job.family());
        done.onSuccess(collected -> job.succeeded()).onFailure(failure -> failed(job, failure));
    }

    private void failed(FamilyJob job, Throwable failure) {
        var error = String.valueOf(failure.getMessage());
        if (job.failed(error, System.nanoTime())) {
            LOG.warn("target {}, family {}: {}", config.name(), job.family().name(), error);
        }
    }

    private Future<Void> collectInDatabases(MetricFamily family) {
        return databases().compose(names -> {
            Future<Void> all = Future.succeededFuture();
            for (var name : names) {
                // One after the other, and each whatever became of the one before; the last failure is told.
                all = all.transform(before -> lanes.use(name, session -> collect(session, family, name))
                        .transform(after -> after.failed() || before.succeeded()
                                ? Future.future(promise -> promise.handle(after))
                                : Future.failedFuture(before.cause())));
            }
            return all;
        });
    }

    private Future<List<String>> databases() {
        if (!config.databases().isEmpty()) {
            return Future.succeededFuture(config.databases());
        }
        return lanes.use(config.database(), session -> session.query(DATABASES, Tuple.tuple()))
                .map(found -> {
                    var names = new ArrayList<String>();
                    found.forEach(row -> names.add(row.getString(0)));
                    return names;
                });
    }

    private Future<Void> collect(TargetSession session, MetricFamily family, String database) {
        version = session.versionNumber();
        var statement = family.statementFor(session.major());
        if (statement.isEmpty()) {
            return Future.failedFuture("it has no SQL for PostgreSQL " + session.major());
        }
        if (!session.has(statement.get().extension())) {
            return Future.failedFuture("the extension %s is not installed in this database"
                    .formatted(statement.get().extension()));
        }
        long atMicros = clock.millis() * 1000;
        return session.query(statement.get().sql(), Tuple.tuple())
                .map(found -> FamilyRows.block(family.schema(), config.name(), atMicros, found))
                .compose(block -> take(session, family, database, block));
    }

    private Future<Void> take(
            TargetSession session, MetricFamily family, String database, Optional<ColumnBlock> found) {
        sending.rowsToSend(family, database, found).ifPresent(block -> {
            rows += block.rows();
            batcher.add(block).onComplete(kept -> sending.kept(family, database, kept));
        });
        return found.isEmpty()
                ? Future.succeededFuture()
                : dictionaries.read(session, found.get(), texts -> {
                    rows += texts.rows();
                    return batcher.add(texts);
                });
    }
}

package org.pganalytics.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.pganalytics.database.HostSearch.Answer;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, for each new connection, the one host of an address that takes writes. All are asked at once; where two say that
 * they do, an old primary among them, the one of the later timeline is it, and one of an earlier timeline than was seen
 * before never is. With one host nothing is asked.
 *
 * <p>Thread-safe. Completes on the caller's context; fails with STORE_DOWN, saying what each host answered.
 */
public final class WritableHost implements Supplier<Future<PgConnectOptions>> {
    private static final Logger LOG = LoggerFactory.getLogger(WritableHost.class);

    /** Connections that are made together ask once. */
    private static final long TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final String ASK = """
            SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writes,
                   CASE WHEN pg_is_in_recovery() THEN 0
                        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END AS timeline
            """;

    private final Vertx vertx;
    private final DatabaseAddress address;
    private final Duration patience;
    private final Runnable onMove;
    private Future<DatabaseHost> search;
    private long foundNanos;
    private long newestTimeline;
    private DatabaseHost last;

    /** @param patience longest that a host has to answer */
    public WritableHost(Vertx vertx, DatabaseAddress address, Duration patience) {
        this(vertx, address, patience, () -> {});
    }

    /** @param onMove runs, on any thread, when another host is found than before, and before anybody connects to it */
    WritableHost(Vertx vertx, DatabaseAddress address, Duration patience, Runnable onMove) {
        this.vertx = vertx;
        this.address = address;
        this.patience = patience;
        this.onMove = onMove;
        this.last = address.hosts().get(0);
    }

    @Override
    public Future<PgConnectOptions> get() {
        return address().map(DatabaseAddress::connectOptions);
    }

    /** The same address with that host alone. */
    Future<DatabaseAddress> address() {
        if (address.hosts().size() == 1) {
            return Future.succeededFuture(address);
        }
        var context = vertx.getOrCreateContext();
        Promise<DatabaseHost> here = Promise.promise();
        searched().onComplete(found -> context.runOnContext(run -> here.handle(found)));
        return here.future().map(address::at);
    }

    private synchronized Future<DatabaseHost> searched() {
        boolean isUnderWay = search != null && !search.isComplete();
        boolean isFresh = search != null && search.succeeded() && System.nanoTime() - foundNanos < TRUSTED_NANOS;
        if (!isUnderWay && !isFresh) {
            search = ask().map(this::found);
        }
        return search;
    }

    private synchronized DatabaseHost found(Answer answer) {
        foundNanos = System.nanoTime();
        newestTimeline = Math.max(newestTimeline, answer.timeline());
        if (!answer.host().equals(last)) {
            LOG.warn("the database that takes writes is {} now, no longer {}", answer.host(), last);
            last = answer.host();
            onMove.run();
        }
        return answer.host();
    }

    /** Whether that is one of the hosts, and not the one that was found last. */
    synchronized boolean isLeft(DatabaseHost host) {
        return address.hosts().contains(host) && !host.equals(last);
    }

    private synchronized boolean isOld(Answer answer) {
        return answer.timeline() < newestTimeline;
    }

    private Future<Answer> ask() {
        return new HostSearch(vertx, address.hosts(), this::ask).run().compose(this::chosen);
    }

    /** Of two names of one host it stays the one that it was. */
    private synchronized Future<Answer> chosen(List<Answer> answers) {
        Optional<Answer> writable = answers.stream()
                .filter(Answer::writes)
                .max(Comparator.comparingLong(Answer::timeline)
                        .thenComparing(answer -> answer.host().equals(last)));
        return writable.map(Future::succeededFuture)
                .orElseGet(() ->
                        Future.failedFuture(Fault.STORE_DOWN.because("none of the database's hosts takes writes: "
                                + answers.stream()
                                        .map(answer -> answer.host() + " " + answer.trouble())
                                        .collect(Collectors.joining("; ")))));
    }

    /** Never fails. */
    private Future<Answer> ask(DatabaseHost host) {
        return new HostQuestion(vertx, ASK, patience)
                .ask(address.at(host))
                .map(row -> answer(host, row))
                .otherwise(failure -> new Answer(host, 0, "does not answer: " + failure.getMessage(), false));
    }

    private Answer answer(DatabaseHost host, Row row) {
        if (!row.getBoolean("writes")) {
            return new Answer(host, 0, "takes only reads", true);
        }
        var answer = new Answer(host, row.getLong("timeline"), "", false);
        return isOld(answer)
                ? new Answer(
                        host,
                        answer.timeline(),
                        "is an old primary, of timeline %d, that takes writes: it must be fenced"
                                .formatted(answer.timeline()),
                        false)
                : answer;
    }
}

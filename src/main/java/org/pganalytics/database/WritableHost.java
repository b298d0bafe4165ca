package org.pganalytics.database;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, for each new connection, the one host of an address that takes writes. All are asked at once; where two say that
 * they do, an old primary among them, the one of the later timeline is it. With one host nothing is asked.
 *
 * <p>Thread-safe. Completes on the caller's context; fails with STORE_DOWN, saying what each host answered.
 */
public final class WritableHost implements Supplier<Future<PgConnectOptions>> {
    private static final Logger LOG = LoggerFactory.getLogger(WritableHost.class);

    /** Connections that are made together ask once. */
    private static final long TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long the others may take once one takes writes: one that hangs must not hold everybody up. */
    private static final long OTHERS_MILLIS = 300;

    private static final String ASK = """
            SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writes,
                   CASE WHEN pg_is_in_recovery() THEN 0
                        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END AS timeline
            """;

    private final Vertx vertx;
    private final DatabaseAddress address;
    private final Duration patience;
    private Future<DatabaseHost> search;
    private long foundNanos;
    private DatabaseHost last;

    /** What a host said. @param trouble why it cannot be used, or empty */
    private record Answer(DatabaseHost host, long timeline, String trouble) {
        boolean writes() {
            return trouble.isEmpty();
        }
    }

    /** @param patience longest that a host has to answer */
    WritableHost(Vertx vertx, DatabaseAddress address, Duration patience) {
        this.vertx = vertx;
        this.address = address;
        this.patience = patience;
        this.last = address.hosts().get(0);
    }

    @Override
    public Future<PgConnectOptions> get() {
        if (address.hosts().size() == 1) {
            return Future.succeededFuture(address.connectOptions());
        }
        var context = vertx.getOrCreateContext();
        Promise<DatabaseHost> here = Promise.promise();
        searched().onComplete(found -> context.runOnContext(run -> here.handle(found)));
        return here.future().map(address::connectOptions);
    }

    private synchronized Future<DatabaseHost> searched() {
        boolean isUnderWay = search != null && !search.isComplete();
        boolean isFresh = search != null && search.succeeded() && System.nanoTime() - foundNanos < TRUSTED_NANOS;
        if (!isUnderWay && !isFresh) {
            search = ask().onSuccess(this::found);
        }
        return search;
    }

    private synchronized void found(DatabaseHost host) {
        foundNanos = System.nanoTime();
        if (!host.equals(last)) {
            LOG.warn("the database that takes writes is {} now, no longer {}", host, last);
            last = host;
        }
    }

    private Future<DatabaseHost> ask() {
        var promise = Promise.<Void>promise();
        var answers = new ArrayList<Answer>();
        var all = address.hosts().stream().map(this::ask).toList();
        for (var one : all) {
            one.onSuccess(answer -> {
                synchronized (answers) {
                    answers.add(answer);
                }
                if (answer.writes()) {
                    vertx.setTimer(OTHERS_MILLIS, late -> promise.tryComplete());
                }
            });
        }
        Future.join(all).onComplete(everybody -> promise.tryComplete());
        return promise.future().compose(asked -> {
            synchronized (answers) {
                return chosen(answers);
            }
        });
    }

    private static Future<DatabaseHost> chosen(List<Answer> answers) {
        Optional<Answer> writable =
                answers.stream().filter(Answer::writes).max(Comparator.comparingLong(Answer::timeline));
        return writable.map(answer -> Future.succeededFuture(answer.host()))
                .orElseGet(() ->
                        Future.failedFuture(Fault.STORE_DOWN.because("none of the database's hosts takes writes: "
                                + answers.stream()
                                        .map(answer -> answer.host() + " " + answer.trouble())
                                        .collect(Collectors.joining("; ")))));
    }

    /** Never fails. */
    private Future<Answer> ask(DatabaseHost host) {
        var options = address.connectOptions(host).addProperty("application_name", "pganalytics search");
        var connected = PgConnection.connect(vertx, options);
        var answered = connected.compose(connection -> connection
                .query(ASK)
                .execute()
                .map(rows -> answer(host, rows.iterator().next()))
                .onComplete(done -> connection.close()));
        return answered.timeout(patience.toMillis(), MILLISECONDS)
                .onFailure(failure -> connected.onSuccess(PgConnection::close))
                .otherwise(failure -> new Answer(host, 0, "does not answer: " + failure.getMessage()));
    }

    private static Answer answer(DatabaseHost host, Row row) {
        return new Answer(host, row.getLong("timeline"), row.getBoolean("writes") ? "" : "takes only reads");
    }
}

package org.pganalytics.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, for each new connection of readers, a standby that is near enough behind, each in turn; where none is, the host
 * that takes writes. Thread-safe.
 */
final class ReadableHost implements Supplier<Future<PgConnectOptions>> {
    private static final Logger LOG = LoggerFactory.getLogger(ReadableHost.class);

    /** So that not each connection waits anew for one that is silent. */
    private static final long PASSED_OVER_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Of a standby that has replayed all it received nothing says how old that is but the stream itself. */
    private static final String ASK = """
            SELECT pg_is_in_recovery() AS standby, CASE
                WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
                    AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
                ELSE coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 'infinity')
            END::float8 AS behind
            """;

    private final HostQuestion question;
    private final DatabaseAddress replicas;
    private final Duration lagMax;
    private final Supplier<Future<PgConnectOptions>> otherwise;
    private final AtomicInteger turn = new AtomicInteger();
    private final Map<DatabaseHost, Long> unfitSince = new ConcurrentHashMap<>();
    private volatile String told = "";

    /**
     * @param patience longest for all of them, and the host that takes writes, to answer one after the other
     * @param otherwise where to go when none is fit
     */
    ReadableHost(
            Vertx vertx,
            DatabaseAddress replicas,
            Duration lagMax,
            Duration patience,
            Supplier<Future<PgConnectOptions>> otherwise) {
        this.question =
                new HostQuestion(vertx, ASK, patience.dividedBy(replicas.hosts().size() + 1L));
        this.replicas = replicas;
        this.lagMax = lagMax;
        this.otherwise = otherwise;
    }

    @Override
    public Future<PgConnectOptions> get() {
        var hosts = replicas.hosts();
        return next(Math.floorMod(turn.getAndIncrement(), hosts.size()), hosts.size());
    }

    private Future<PgConnectOptions> next(int at, int left) {
        if (left == 0) {
            tell("no standby is fit for reading, the host that takes writes is read");
            return otherwise.get();
        }
        var hosts = replicas.hosts();
        var host = hosts.get(at);
        var checked = isPassedOver(host)
                ? Future.<PgConnectOptions>failedFuture("it was unfit just now")
                : check(host).onSuccess(fit -> tell(""));
        return checked.recover(unfit -> {
            LOG.debug("standby {} is not read: {}", host, unfit.getMessage());
            return next((at + 1) % hosts.size(), left - 1);
        });
    }

    private boolean isPassedOver(DatabaseHost host) {
        var since = unfitSince.get(host);
        return since != null && System.nanoTime() - since < PASSED_OVER_NANOS;
    }

    /** Said when it changes only: connections come and go. */
    private void tell(String what) {
        var before = told;
        told = what;
        if (!what.equals(before)) {
            LOG.warn("{}", what.isEmpty() ? "a standby is read again" : what);
        }
    }

    private Future<PgConnectOptions> check(DatabaseHost host) {
        return question.ask(replicas.at(host))
                .map(row -> unfit(row.getBoolean("standby"), row.getDouble("behind")))
                .compose(unfit -> unfit.isEmpty()
                        ? Future.succeededFuture(replicas.at(host).connectOptions())
                        : Future.<PgConnectOptions>failedFuture(unfit))
                .onFailure(unfit -> unfitSince.put(host, System.nanoTime()))
                .onSuccess(fit -> unfitSince.remove(host));
    }

    /** Why; or empty. Who takes writes is for the other search to find, an old primary that says so among them. */
    private String unfit(boolean isStandby, double behindSeconds) {
        if (!isStandby) {
            return "it is no standby";
        }
        return behindSeconds * 1_000 <= lagMax.toMillis() ? "" : "it is %.1f s behind".formatted(behindSeconds);
    }
}

package org.pganalytics.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of all the servers on a database leads in something: the one that holds an advisory lock.
 *
 * <p>The lock lives and dies with its connection, in PostgreSQL and here. What must never be done by two runs on
 * the connection that {@link #lead} gives: it works only while it holds the lock.
 */
public final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    /**
     * PostgreSQL asks after us as often, and gives up after as many questions: a process that dies is seen at once, and a
     * machine that vanished holds the lock for 4 s.
     */
    private static final String KEEPALIVE_SECONDS = "1";

    private static final String KEEPALIVES = "3";

    private final Vertx vertx;
    private final Supplier<Future<PgConnectOptions>> connecting;
    private final String name;
    private final ClusterConfig config;
    private final long lock;
    private final List<Consumer<Boolean>> onChange = new CopyOnWriteArrayList<>();
    private final List<Consumer<SqlConnection>> onConnection = new CopyOnWriteArrayList<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile PgConnection connection;
    private volatile boolean leading;
    private volatile boolean stopping;

    /** @param connecting says where the database is, for each connection anew @param name such as {@code maintenance} */
    public Leadership(Vertx vertx, Supplier<Future<PgConnectOptions>> connecting, String name, ClusterConfig config) {
        this.vertx = vertx;
        this.connecting = connecting;
        this.name = name;
        this.config = config;
        this.lock = lockOf(name);
    }

    private PgConnectOptions options(PgConnectOptions where) {
        return new PgConnectOptions(where)
                .addProperty("application_name", "pganalytics leader " + name)
                .addProperty("statement_timeout", Long.toString(config.workMax().toMillis()))
                .addProperty("tcp_keepalives_idle", KEEPALIVE_SECONDS)
                .addProperty("tcp_keepalives_interval", KEEPALIVE_SECONDS)
                .addProperty("tcp_keepalives_count", KEEPALIVES);
    }

    /** Completes after the first attempt, whatever came of it; goes on trying until {@link #stop}. */
    public Future<Void> start() {
        return attempt();
    }

    /** Gives the lead up at once, so that another need not wait. */
    public Future<Void> stop() {
        stopping = true;
        var held = connection;
        stepDown(held);
        return held == null ? Future.succeededFuture() : held.close();
    }

    /** Longest that one work of the leader may take. */
    public Duration workMax() {
        return config.workMax();
    }

    public boolean isLeader() {
        return leading;
    }

    /**
     * Works on the connection that holds the lock, one work at a time; empty when this server does not lead or works
     * already. The connection is not asked for a sign of life meanwhile; a work that takes longer than
     * {@link ClusterConfig#workMax} fails, is cancelled, and costs the lead.
     */
    public <T> Future<Optional<T>> lead(Function<SqlConnection, Future<T>> work) {
        var held = connection;
        if (!leading || held == null || !busy.compareAndSet(false, true)) {
            return Future.succeededFuture(Optional.empty());
        }
        long began = System.nanoTime();
        return Future.<Void>succeededFuture()
                .compose(begin -> work.apply(held))
                .timeout(config.workMax().toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> giveUpIfLate(held, failure, began))
                .map(Optional::of)
                .onComplete(done -> busy.set(false));
    }

    /**
     * The statement that hangs is cancelled from beside: closing alone would wait for its end, as the lock would. PostgreSQL
     * may have been quicker to end it.
     */
    private void giveUpIfLate(PgConnection held, Throwable failure, long beganNanos) {
        boolean late = failure instanceof TimeoutException
                || System.nanoTime() - beganNanos >= config.workMax().toNanos();
        if (late && held == connection) {
            held.cancelRequest().onFailure(e -> LOG.debug("a statement could not be cancelled", e));
            drop("its work took longer than " + config.workMax().toMillis() + " ms");
        }
    }

    /** Calls back with whether this server leads, when that changes. */
    public void onChange(Consumer<Boolean> listener) {
        onChange.add(listener);
    }

    /** Calls back with each connection that stands: a work may take long, and waits for its end however that comes. */
    public void onConnection(Consumer<SqlConnection> listener) {
        onConnection.add(listener);
    }

    private Future<Void> attempt() {
        if (stopping) {
            return Future.succeededFuture();
        }
        return connected()
                .compose(this::tryLock)
                .onFailure(failure -> drop(failure.getMessage()))
                .otherwiseEmpty()
                .onSuccess(ignored -> again());
    }

    private Future<PgConnection> connected() {
        return connection != null
                ? Future.succeededFuture(connection)
                : connecting.get().compose(this::connect).onSuccess(this::keep);
    }

    private Future<PgConnection> connect(PgConnectOptions where) {
        var made = PgConnection.connect(vertx, options(where));
        return made.timeout(config.probeEvery().toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> made.onSuccess(PgConnection::close));
    }

    private void keep(PgConnection made) {
        connection = made;
        onConnection.forEach(listener -> listener.accept(made));
        made.closeHandler(ignored -> stepDown(made));
        if (stopping) {
            made.close();
        }
    }

    private Future<Void> tryLock(PgConnection made) {
        if (busy.get()) {
            return Future.succeededFuture();
        }
        String sql = leading ? "SELECT $1::bigint IS NOT NULL" : "SELECT pg_try_advisory_lock($1)";
        return made.preparedQuery(sql)
                .execute(Tuple.of(lock))
                .timeout(config.probeEvery().toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(rows -> lead(made, rows.iterator().next().getBoolean(0)))
                .mapEmpty();
    }

    private void lead(PgConnection made, boolean now) {
        if (now && !leading && made == connection && !stopping) {
            leading = true;
            LOG.info("this server leads in {}", name);
            onChange.forEach(listener -> listener.accept(true));
        }
    }

    private void drop(String why) {
        var broken = connection;
        if (leading) {
            LOG.warn("the lead in {} is lost: {}", name, why);
        }
        stepDown(broken);
        if (broken != null) {
            broken.close();
        }
    }

    private void stepDown(PgConnection gone) {
        if (gone == connection) {
            connection = null;
            if (leading) {
                leading = false;
                onChange.forEach(listener -> listener.accept(false));
            }
        }
    }

    private void again() {
        if (!stopping) {
            var pause = leading ? config.probeEvery() : config.retryAfter();
            vertx.setTimer(pause.toMillis(), timer -> attempt());
        }
    }

    private static long lockOf(String name) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return ByteBuffer.wrap(sha.digest(("pganalytics leader " + name).getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}

package org.pganalytics.cluster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.SqlConnection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Short notices between servers through PostgreSQL's LISTEN and NOTIFY, on a connection of its own.
 *
 * <p>A notice only hastens what tables say anyway: while the connection was away some may have been missed, and
 * {@link #onMayHaveMissed} is called each time it stands again.
 */
public final class Notifications {
    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

    /** The subscriber would come back to the same host; another may be the database meanwhile. */
    private static final long NEVER = -1;

    private final Vertx vertx;
    private final ClusterConfig config;
    private final Supplier<Future<PgConnectOptions>> connecting;
    private final Map<String, Consumer<String>> channels = new LinkedHashMap<>();
    private final Promise<Void> stands = Promise.promise();
    private volatile PgSubscriber subscriber;
    private final List<Runnable> onMayHaveMissed = new CopyOnWriteArrayList<>();
    private final List<Consumer<SqlConnection>> onConnection = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;
    private volatile long probeTimer;
    private PgConnection probed;

    /** @param connecting says where the database is, for each connection anew */
    public Notifications(Vertx vertx, Supplier<Future<PgConnectOptions>> connecting, ClusterConfig config) {
        this.vertx = vertx;
        this.config = config;
        this.connecting = connecting;
    }

    /** Hears a channel; to be called before {@link #start}. The payload is empty when none was given. */
    public void on(String channel, Consumer<String> handler) {
        channels.put(channel, handler);
    }

    /** Calls back when the connection stands, the first time and each time again, once a channel. */
    public void onMayHaveMissed(Runnable listener) {
        onMayHaveMissed.add(listener);
    }

    /** Calls back with each connection that stands, to cut it when it is known to lead nowhere. */
    public void onConnection(Consumer<SqlConnection> listener) {
        onConnection.add(listener);
    }

    /** Completes when the connection stands for the first time; tries until then. */
    public Future<Void> start() {
        probeTimer = vertx.setPeriodic(config.probeEvery().toMillis(), timer -> probe());
        connect();
        return stands.future();
    }

    private void connect() {
        if (stopping) {
            return;
        }
        connecting
                .get()
                .compose(this::subscribed)
                .onSuccess(this::stands)
                .onFailure(failure -> vertx.setTimer(config.retryAfter().toMillis(), pause -> connect()));
    }

    private Future<PgSubscriber> subscribed(PgConnectOptions where) {
        var own = new PgConnectOptions(where).addProperty("application_name", "pganalytics notifications");
        var made = PgSubscriber.subscriber(vertx, own).reconnectPolicy(failures -> NEVER);
        channels.forEach((channel, handler) -> made.channel(channel)
                .subscribeHandler(subscribed -> onMayHaveMissed.forEach(Runnable::run))
                .handler(handler::accept));
        var connected = made.connect();
        return connected
                .timeout(config.probeEvery().toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> connected.onComplete(late -> made.close()))
                .map(made);
    }

    /** Only from here on its end is news: a connection that never stood is tried anew by whoever tried it. */
    private void stands(PgSubscriber made) {
        subscriber = made;
        var isLost = new AtomicBoolean();
        made.closeHandler(closed -> again(isLost));
        if (made.closed()) {
            again(isLost);
        } else {
            onConnection.forEach(listener -> listener.accept(made.actualConnection()));
        }
        if (stopping) {
            made.close();
        }
        stands.tryComplete();
    }

    private void again(AtomicBoolean isLost) {
        if (isLost.compareAndSet(false, true)) {
            vertx.setTimer(1, pause -> connect());
        }
    }

    public Future<Void> stop() {
        stopping = true;
        vertx.cancelTimer(probeTimer);
        var last = subscriber;
        return last == null || last.closed() ? Future.succeededFuture() : last.close();
    }

    /** A connection whose other end vanished says nothing, which is also what an idle one says: so ask. */
    private void probe() {
        var connection = subscriber == null ? null : subscriber.actualConnection();
        if (connection == null || connection == probed) {
            return;
        }
        probed = connection;
        connection
                .query("SELECT 1")
                .execute()
                .timeout(config.probeEvery().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(answer -> probed = null)
                .onFailure(failure -> giveUp(connection, failure));
    }

    private void giveUp(PgConnection connection, Throwable failure) {
        if (!stopping) {
            LOG.warn("the connection for notifications does not answer ({}); making it anew", failure.getMessage());
            connection.close();
        }
    }
}

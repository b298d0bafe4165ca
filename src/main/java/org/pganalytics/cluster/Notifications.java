package org.pganalytics.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

    private final Vertx vertx;
    private final ClusterConfig config;
    private final PgSubscriber subscriber;
    private final List<Runnable> onMayHaveMissed = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;
    private volatile long probeTimer;
    private PgConnection probed;

    public Notifications(Vertx vertx, PgConnectOptions options, ClusterConfig config) {
        this.vertx = vertx;
        this.config = config;
        var own = new PgConnectOptions(options).addProperty("application_name", "pganalytics notifications");
        this.subscriber = PgSubscriber.subscriber(vertx, own).reconnectPolicy(this::pauseMillis);
    }

    /** Hears a channel; to be called before {@link #start}. The payload is empty when none was given. */
    public void on(String channel, Consumer<String> handler) {
        subscriber
                .channel(channel)
                .subscribeHandler(ignored -> onMayHaveMissed.forEach(Runnable::run))
                .handler(handler::accept);
    }

    /** Calls back when the connection stands, the first time and each time again, once a channel. */
    public void onMayHaveMissed(Runnable listener) {
        onMayHaveMissed.add(listener);
    }

    /** Completes when the connection stands for the first time; tries until then. */
    public Future<Void> start() {
        probeTimer = vertx.setPeriodic(config.probeEvery().toMillis(), timer -> probe());
        return subscriber.connect();
    }

    public Future<Void> stop() {
        stopping = true;
        vertx.cancelTimer(probeTimer);
        return subscriber.closed() ? Future.succeededFuture() : subscriber.close();
    }

    private Long pauseMillis(int failures) {
        if (stopping) {
            return -1L;
        }
        return failures == 0 ? 1L : config.retryAfter().toMillis();
    }

    /** A connection whose other end vanished says nothing, which is also what an idle one says: so ask. */
    private void probe() {
        var connection = subscriber.actualConnection();
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

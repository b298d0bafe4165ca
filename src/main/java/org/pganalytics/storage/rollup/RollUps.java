package org.pganalytics.storage.rollup;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.util.Optional;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.storage.tables.RollUpConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rolls up what is due, on one of all the servers: the one that leads in it, on the connection that holds the lead. How far
 * behind that is every server says, lest nobody does when nobody leads.
 */
public final class RollUps extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(RollUps.class);
    /** Hours wait for their end, and what may still come for it; they are due with their minutes. */
    private static final String LAG = """
            SELECT coalesce(extract(epoch FROM now() - least(
                (SELECT min(written_at) FROM roll_up_due),
                (SELECT min(since) FROM roll_up_work JOIN metric_family USING (family)
                 WHERE level = 'minute' AND roll_up_every IS NOT NULL))), 0)::float8 AS lag
            """;

    private final Leadership leadership;
    private final Pool pool;
    private final RollUpMeters meters;
    private final RollUpPace pace;
    private volatile RollUpConfig config;
    private volatile boolean stopping;
    private long timer = -1;

    /** @param leadership started and stopped by this verticle @param pool for what every server asks */
    public RollUps(Leadership leadership, Pool pool, RollUpConfig config, MeterRegistry meters) {
        this.leadership = leadership;
        this.pool = pool;
        this.config = config;
        this.meters = new RollUpMeters(meters);
        this.pace = new RollUpPace(System::nanoTime, leadership.workMax());
    }

    @Override
    public Future<?> start() {
        later(config.every().toMillis());
        return leadership.start();
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        vertx.cancelTimer(timer);
        return leadership.stop();
    }

    /** As that says from the next run on. */
    public void follow(RollUpConfig fresh) {
        config = fresh;
    }

    /** Runs now. Whether more is due already; empty when this server does not lead. */
    public Future<Optional<Boolean>> run() {
        return leadership.lead(
                connection -> new RollUpRun(connection, config, new RollUpRun.Parts(vertx, pace, meters)).run());
    }

    private void later(long millis) {
        if (!stopping) {
            timer = vertx.setTimer(Math.max(1, millis), due -> turn());
        }
    }

    private void turn() {
        run().onFailure(this::cutShort)
                .otherwise(Optional.empty())
                .compose(more -> lag().map(more))
                .onComplete(done -> later(
                        done.succeeded() && done.result().orElse(false)
                                ? 1
                                : config.every().toMillis()));
    }

    /** What was under way is to be done still; at the end of the server by the next one. */
    private void cutShort(Throwable failure) {
        if (!stopping) {
            meters.failed();
            LOG.warn("the roll-ups were cut short: {}", failure.getMessage());
        }
    }

    private Future<Void> lag() {
        return pool.query(LAG)
                .execute()
                .onSuccess(rows -> meters.lag(rows.iterator().next().getDouble("lag")))
                .onFailure(failure -> LOG.debug("the lag of the roll-ups cannot be read", failure))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }
}

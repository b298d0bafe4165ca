package org.pganalytics.audit.chain;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.util.Optional;

/** Shows on every server how much of the audit is not sealed yet, and for how long. One instance. */
public final class UnsealedWatch extends VerticleBase {
    private static final long EVERY_MILLIS = 5_000;

    /** Beyond it only more is said. */
    private static final int COUNTED_MAX = 100_000;

    private static final double LATE_SECONDS = 60;
    private static final String UNSEALED = """
            SELECT (SELECT count(*) FROM (SELECT FROM audit_unsealed LIMIT %d) counted),
                coalesce((SELECT extract(epoch FROM now() - time)::float8 FROM audit_event
                    WHERE id = (SELECT min(event_id) FROM audit_unsealed)), 0)
            """.formatted(COUNTED_MAX);

    private final Pool pool;
    private volatile double events;
    private volatile double ageSeconds;

    public UnsealedWatch(Pool pool, MeterRegistry meters) {
        this.pool = pool;
        Gauge.builder("pganalytics.audit.unsealed", this, watch -> watch.events).register(meters);
        Gauge.builder("pganalytics.audit.unsealed.age.seconds", this, watch -> watch.ageSeconds)
                .register(meters);
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(0, EVERY_MILLIS, tick -> look());
        return Future.succeededFuture();
    }

    /** A database that does not answer shows elsewhere; the last numbers stand. */
    private void look() {
        pool.query(UNSEALED).execute().onSuccess(rows -> {
            var row = rows.iterator().next();
            events = row.getLong(0);
            ageSeconds = Math.max(0, row.getDouble(1));
        });
    }

    /** What is late; empty when nothing is. */
    public Optional<String> problem() {
        return ageSeconds > LATE_SECONDS
                ? Optional.of(
                        "%.0f audit events are not sealed yet, the oldest for %.0f s".formatted(events, ageSeconds))
                : Optional.empty();
    }
}

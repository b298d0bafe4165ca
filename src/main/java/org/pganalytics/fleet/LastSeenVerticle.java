package org.pganalytics.fleet;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes when each collector last had a batch settled, and writes the times in bulk. One instance. */
public final class LastSeenVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(LastSeenVerticle.class);

    // A row locked by somebody else has its time written in the next round: nothing waits, nothing deadlocks.
    private static final String WRITE = """
            WITH seen AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS s (id, at)),
            locked AS (
                SELECT c.collector_id, seen.at FROM collector c JOIN seen ON c.collector_id = seen.id
                WHERE c.last_seen_at IS NULL OR c.last_seen_at < seen.at
                FOR NO KEY UPDATE OF c SKIP LOCKED)
            UPDATE collector c SET last_seen_at = locked.at FROM locked WHERE c.collector_id = locked.collector_id
            """;

    private final Bus bus;
    private final Pool pool;
    private final FleetConfig config;
    private final Clock clock;
    private final AtomicInteger waiting = new AtomicInteger();
    private Map<UUID, Instant> seen = new HashMap<>();
    private boolean failing;
    private Future<Void> writing = Future.succeededFuture();

    public LastSeenVerticle(Bus bus, Pool pool, FleetConfig config, Clock clock, MeterRegistry registry) {
        this.bus = bus;
        this.pool = pool;
        this.config = config;
        this.clock = clock;
        registry.gauge("pganalytics.fleet.last.seen.waiting", waiting);
    }

    @Override
    public Future<?> start() {
        bus.on(Event.BatchStored.class, event -> note(event.collector()));
        bus.on(Event.BatchDuplicated.class, event -> note(event.collector()));
        vertx.setPeriodic(config.lastSeenEvery().toMillis(), tick -> flush());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return writing.compose(written -> flush());
    }

    private void note(UUID collector) {
        if (seen.size() < config.collectorsMax() || seen.containsKey(collector)) {
            seen.put(collector, clock.instant());
            waiting.set(seen.size());
        }
    }

    private Future<Void> flush() {
        if (seen.isEmpty() || !writing.isComplete()) {
            return writing;
        }
        var written = seen;
        seen = new HashMap<>();
        // A failure is settled here: the times go back, and the next flush tries again.
        writing = pool.preparedQuery(WRITE)
                .execute(columns(written))
                .<Void>mapEmpty()
                .onSuccess(done -> failing = false)
                .onFailure(failure -> takeBack(written, failure))
                .otherwiseEmpty();
        waiting.set(seen.size());
        return writing;
    }

    private void takeBack(Map<UUID, Instant> unwritten, Throwable failure) {
        unwritten.forEach((collector, at) -> {
            if (seen.size() < config.collectorsMax()) {
                seen.putIfAbsent(collector, at);
            }
        });
        if (!failing) {
            failing = true;
            LOG.warn("Times of last batches cannot be written, they wait in memory: {}", failure.getMessage());
        }
    }

    private static Tuple columns(Map<UUID, Instant> seen) {
        var collectors = seen.keySet().toArray(UUID[]::new);
        var times = new OffsetDateTime[collectors.length];
        for (int i = 0; i < collectors.length; i++) {
            times[i] = OffsetDateTime.ofInstant(seen.get(collectors[i]), ZoneOffset.UTC);
        }
        return Tuple.tuple().addArrayOfUUID(collectors).addArrayOfOffsetDateTime(times);
    }
}

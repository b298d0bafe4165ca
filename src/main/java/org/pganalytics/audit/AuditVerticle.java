package org.pganalytics.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.audit.chain.NewEvents;
import org.pganalytics.audit.chain.Prover;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what happens often to the audit, in bulk and after the fact: sessions, refusals, losses. One instance. */
public final class AuditVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(AuditVerticle.class);
    private static final Duration TRIM_EVERY = Duration.ofHours(1);
    private static final int TRIMMED_AT_ONCE = 10_000;
    private static final String TRIM = "SELECT audit_trim($1, $2)";

    private final Bus bus;
    private final Pool pool;
    private final NewEvents events;
    private final AuditConfig config;
    private final Clock clock;
    private final Counter lost;
    private final AtomicInteger waitingNow = new AtomicInteger();
    private final WaitingEvents waiting;
    private boolean failing;
    private Future<Void> writing = Future.succeededFuture();

    /** @param prover proves what it writes */
    public AuditVerticle(Bus bus, Pool pool, Prover prover, AuditConfig config, Clock clock, MeterRegistry registry) {
        this.bus = bus;
        this.pool = pool;
        this.events = new NewEvents(prover);
        this.config = config;
        this.clock = clock;
        this.waiting = new WaitingEvents(config.waitingMax());
        this.lost = registry.counter("pganalytics.audit.lost");
        registry.gauge("pganalytics.audit.waiting", waitingNow);
    }

    @Override
    public Future<?> start() {
        bus.on(Event.SessionOpened.class, this::opened);
        bus.on(Event.SessionClosed.class, this::closed);
        bus.on(Event.BatchRefused.class, this::refused);
        bus.on(Event.LossDeclared.class, this::lossDeclared);
        bus.on(Event.RowsFolded.class, this::rowsFolded);
        bus.on(Event.CollectorCertified.class, this::certified);
        bus.on(Event.CertificateRefused.class, this::certificateRefused);
        bus.on(Event.StrangerRefused.class, this::strangerRefused);
        bus.on(Event.StoreStateChanged.class, this::storeStateChanged);
        vertx.setPeriodic(config.flushAfter().toMillis(), tick -> flush());
        vertx.setPeriodic(TRIM_EVERY.toMillis(), tick -> trim());
        return Future.succeededFuture();
    }

    /** Writes what waits; a database that is away at the end loses it, and the log says how much. */
    @Override
    public Future<?> stop() {
        return writing.compose(written -> flush()).onComplete(flushed -> {
            if (waiting.size() > 0) {
                LOG.warn("{} audit rows could not be written before the end", waiting.size());
            }
        });
    }

    private void opened(Event.SessionOpened event) {
        add(
                "session.open",
                event.collector(),
                AuditRecord.OK,
                event.address(),
                details("transport", event.transport()).put("session", String.valueOf(event.session())));
    }

    private void closed(Event.SessionClosed event) {
        add("session.close", event.collector(), outcome(event.fault()), "", details("session", event.session()));
    }

    private void refused(Event.BatchRefused event) {
        add("batch.refuse", event.collector(), outcome(event.fault()), "", details("detail", event.detail()));
    }

    private void lossDeclared(Event.LossDeclared event) {
        var details = details("reason", event.reason())
                .put("family", event.family())
                .put("batches", event.batches())
                .put("rows", event.rows());
        add("loss.declare", event.collector(), AuditRecord.OK, "", details);
    }

    /** The rest of the day is in what the store says of its series. */
    private void rowsFolded(Event.RowsFolded event) {
        if (event.firstToday()) {
            var details = details("family", event.family()).put("limit", event.limit());
            add("series.fold", event.collector(), AuditRecord.OK, "", details);
        }
    }

    private void certified(Event.CollectorCertified event) {
        var details = details("serial", event.serial()).put("expires_at", String.valueOf(event.expiresAt()));
        add("collector.certify", event.collector(), AuditRecord.OK, event.address(), details);
    }

    private void certificateRefused(Event.CertificateRefused event) {
        add(
                "certificate.refuse",
                event.collector(),
                outcome(event.fault()),
                event.address(),
                details("detail", event.detail()));
    }

    private void strangerRefused(Event.StrangerRefused event) {
        keep(new AuditRecord(
                "stranger", "stranger.refuse", "", outcome(event.fault()), event.address(), new JsonObject()));
    }

    private void storeStateChanged(Event.StoreStateChanged event) {
        keep(new AuditRecord(
                "server",
                event.up() ? "store.up" : "store.down",
                "",
                AuditRecord.OK,
                "",
                details("detail", event.detail())));
    }

    private void add(String action, UUID collector, String outcome, String address, JsonObject details) {
        keep(new AuditRecord("collector:" + collector, action, String.valueOf(collector), outcome, address, details));
    }

    private void keep(AuditRecord record) {
        waiting.add(clock.instant(), record);
        waitingNow.set(waiting.size());
    }

    private Future<Void> flush() {
        if (!writing.isComplete()) {
            return writing;
        }
        var taken = waiting.takeAll(clock.instant());
        if (taken.isEmpty()) {
            return writing;
        }
        // A failure is settled here: it puts the rows back, and the next flush tries again.
        writing = write(taken).otherwiseEmpty();
        return writing;
    }

    private Future<Void> write(List<WaitingEvents.Waiting> taken) {
        var happened = taken.stream()
                .map(row -> new NewEvents.Happened(row.first(), row.record(), row.details()))
                .toList();
        return events.add(pool, happened)
                .onSuccess(written -> {
                    failing = false;
                    taken.stream().map(row -> row.details().getLong("lost", 0L)).forEach(lost::increment);
                    waitingNow.set(waiting.size());
                })
                .onFailure(failure -> takeBack(taken, failure));
    }

    private void takeBack(List<WaitingEvents.Waiting> taken, Throwable failure) {
        waiting.putBack(taken);
        if (!failing) {
            failing = true;
            LOG.warn("The audit cannot be written, it waits in memory: {}", failure.getMessage());
        }
    }

    private void trim() {
        var before = OffsetDateTime.ofInstant(clock.instant().minus(config.retention()), ZoneOffset.UTC);
        pool.preparedQuery(TRIM)
                .execute(Tuple.of(before, TRIMMED_AT_ONCE))
                .onSuccess(rows -> {
                    if (rows.iterator().next().getLong(0) == TRIMMED_AT_ONCE) {
                        trim();
                    }
                })
                .onFailure(failure -> LOG.warn("Old audit rows could not be deleted: {}", failure.getMessage()));
    }

    private static JsonObject details(String name, Object value) {
        return new JsonObject().put(name, String.valueOf(value));
    }

    private static String outcome(Fault fault) {
        return fault == null ? AuditRecord.OK : fault.name();
    }
}

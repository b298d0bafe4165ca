package org.pganalytics.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;

/** Counts what came in, what was refused and what was lost, from the events on the bus. Thread-safe. */
public final class IngestMetrics {
    /** A sender may invent families; the label must not grow with its fantasy. */
    private static final int FAMILIES_MAX = 200;

    private static final String OTHER = "other";
    private static final Duration[] ACK_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(200),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private final MeterRegistry registry;
    private final Map<String, Counter> rowsByFamily = new ConcurrentHashMap<>();
    private final Map<String, Counter> foldedByFamily = new ConcurrentHashMap<>();
    private final Counter unfollowed;
    private final Set<String> reasons = ConcurrentHashMap.newKeySet();
    private final Counter batches;
    private final Counter bytes;
    private final Timer ack;

    /** Listens from now on. */
    public IngestMetrics(Bus bus, MeterRegistry registry) {
        this.registry = registry;
        this.batches = Counter.builder("pganalytics.ingest.batches")
                .description("Batches stored")
                .register(registry);
        this.bytes = Counter.builder("pganalytics.ingest.bytes")
                .description("Bytes of stored batches, as they came")
                .register(registry);
        this.ack = Timer.builder("pganalytics.ingest.ack")
                .description("From a batch's arrival at the store to its commit")
                .serviceLevelObjectives(ACK_BUCKETS)
                .register(registry);
        this.unfollowed = Counter.builder("pganalytics.ingest.unfollowed.rows")
                .description("Folded rows whose counters add nothing to the row they are folded into")
                .register(registry);
        for (var fault : Fault.values()) {
            refused(fault);
        }
        duplicates(true);
        duplicates(false);
        bus.on(Event.BatchStored.class, this::stored);
        bus.on(
                Event.BatchDuplicated.class,
                event -> duplicates(event.verified()).increment());
        bus.on(Event.BatchRefused.class, event -> refused(event.fault()).increment());
        bus.on(Event.StrangerRefused.class, event -> strangers(event.fault()).increment());
        bus.on(Event.CertificateRefused.class, event -> strangers(event.fault()).increment());
        bus.on(Event.RowsFolded.class, this::folded);
        bus.on(Event.LossDeclared.class, this::lost);
        bus.on(Event.CollectorRegistered.class, event -> registrations().increment());
        bus.on(Event.CollectorCertified.class, event -> certified().increment());
        bus.on(Event.SessionOpened.class, event -> sessions(event.transport()).increment());
    }

    private void stored(Event.BatchStored event) {
        batches.increment();
        bytes.increment(event.bytes());
        ack.record(event.ackMicros(), TimeUnit.MICROSECONDS);
        event.rowsByFamily().forEach((family, rows) -> rows(family).increment(rows));
    }

    private Counter rows(String family) {
        var known = rowsByFamily.get(family);
        if (known != null) {
            return known;
        }
        var label = rowsByFamily.size() < FAMILIES_MAX ? family : OTHER;
        return rowsByFamily.computeIfAbsent(
                label,
                added -> Counter.builder("pganalytics.ingest.rows")
                        .description("Rows stored")
                        .tag("family", label)
                        .register(registry));
    }

    /** The families are those the server declares. */
    private void folded(Event.RowsFolded event) {
        foldedByFamily
                .computeIfAbsent(
                        event.family(),
                        family -> Counter.builder("pganalytics.ingest.folded.rows")
                                .description("Rows of series that are too many, folded into others")
                                .tag("family", family)
                                .register(registry))
                .increment(event.rows());
        unfollowed.increment(event.unfollowed());
    }

    private void lost(Event.LossDeclared event) {
        var reason = reasons.size() < FAMILIES_MAX || reasons.contains(event.reason()) ? event.reason() : OTHER;
        reasons.add(reason);
        registry.counter("pganalytics.ingest.lost.rows", "reason", reason).increment(event.rows());
        registry.counter("pganalytics.ingest.lost.batches", "reason", reason).increment(event.batches());
    }

    private Counter refused(Fault fault) {
        return registry.counter("pganalytics.ingest.refused", "fault", fault.name());
    }

    private Counter strangers(Fault fault) {
        return registry.counter("pganalytics.ingest.strangers.refused", "fault", fault.name());
    }

    private Counter duplicates(boolean verified) {
        return registry.counter("pganalytics.ingest.duplicates", "verified", Boolean.toString(verified));
    }

    private Counter registrations() {
        return registry.counter("pganalytics.ingest.registrations");
    }

    private Counter certified() {
        return registry.counter("pganalytics.ingest.certificates.issued");
    }

    private Counter sessions(String transport) {
        return registry.counter("pganalytics.ingest.sessions.opened", "transport", transport);
    }
}

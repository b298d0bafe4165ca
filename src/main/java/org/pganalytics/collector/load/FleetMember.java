package org.pganalytics.collector.load;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;
import org.pganalytics.collector.BackOff;
import org.pganalytics.collector.BatchSource;
import org.pganalytics.collector.Credentials;
import org.pganalytics.collector.Link;
import org.pganalytics.collector.LinkEnd;
import org.pganalytics.fault.Fault;

/**
 * One simulated collector at work: observes its targets by the clock, keeps a connection, and comes back after each end.
 * Lives on one event loop.
 */
final class FleetMember {
    /** Makes the links of the run's mode. */
    @FunctionalInterface
    interface LinkMaker {
        Link link(BatchSource source, Credentials credentials);
    }

    private static final Duration RETRY_FIRST = Duration.ofMillis(200);
    private static final Duration RETRY_MAX = Duration.ofSeconds(5);
    private static final long NANOS_A_MILLI = 1_000_000;

    private final Vertx vertx;
    private final LinkMaker links;
    private final SimulatedCollector collector;
    private final SimulatedCredentials credentials;
    private final LoadCounters counters;
    private final Handler<Throwable> broken;
    private final long intervalNanos;
    private final Clock clock;
    private final long[] lastMicros;
    private final BackOff backOff = new BackOff(RETRY_FIRST, RETRY_MAX, ThreadLocalRandom.current());
    private Link link;
    private boolean observing = true;
    private boolean closed;

    FleetMember(
            Vertx vertx,
            LoadConfig config,
            int number,
            SimulatedCollector.Maker maker,
            LoadShared shared,
            LinkMaker links,
            Clock clock) {
        this.vertx = vertx;
        this.links = links;
        this.counters = shared.counters();
        this.broken = shared.broken();
        this.intervalNanos = config.interval().toNanos();
        this.clock = clock;
        this.lastMicros = new long[config.targets()];
        this.credentials = new SimulatedCredentials(number, config.registrationSecret(), shared);
        this.collector =
                new SimulatedCollector(number, config.targets(), maker, shared, this::observeAll, System::nanoTime);
    }

    void connect() {
        if (closed) {
            return;
        }
        link = links.link(collector, credentials);
        link.run().onSuccess(this::ended);
    }

    private void ended(LinkEnd end) {
        if (closed) {
            return;
        }
        counters.linkEnded(end);
        if (isHopeless(end)) {
            broken.handle(Fault.UNAUTHENTICATED.because(
                    "the server lets no collector register (%s); check".formatted(end.detail())
                            + " --registration-secret"));
        }
        if (end.last()) {
            observing = false;
            return;
        }
        if (end.welcomed()) {
            backOff.reset();
        }
        vertx.setTimer(Math.max(1, backOff.next(end.retryAfter()).toMillis()), due -> connect());
    }

    /** All have the same secret: when it lets the first one in no more than this one, it never lets any in. */
    private boolean isHopeless(LinkEnd end) {
        return end.fault().filter(fault -> fault == Fault.UNAUTHENTICATED).isPresent()
                && credentials.grant().isEmpty()
                && counters.registrations.sum() == 0;
    }

    /** The targets' turns are spread over the interval. */
    private void observeAll() {
        long now = System.nanoTime();
        for (int target = 0; target < lastMicros.length; target++) {
            observeAt(target, now + intervalNanos * target / lastMicros.length);
        }
    }

    private void observeAt(int target, long dueNanos) {
        long wait = (dueNanos - System.nanoTime()) / NANOS_A_MILLI;
        vertx.setTimer(Math.max(1, wait), due -> {
            if (observing) {
                collector.tick(target, nextMicros(target));
                observeAt(target, dueNanos + intervalNanos);
            }
        });
    }

    /** A target's observations have distinct times, also when the clock is set back. */
    private long nextMicros(int target) {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        lastMicros[target] = Math.max(now, lastMicros[target] + 1);
        return lastMicros[target];
    }

    void stopObserving() {
        observing = false;
    }

    int unsettled() {
        return collector.unsettled();
    }

    void close() {
        closed = true;
        observing = false;
        if (link != null) {
            link.close();
        }
    }
}

package org.pganalytics.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;

/** Makes observations of events, and keeps them until they are written. For one event loop. */
final class Observations {
    private static final int ENDED_MAX = 100;
    private static final long WINDOW_SECONDS = 60;

    /** A time in which the database took no batches. @param end null while it lasts */
    record Outage(Instant since, Instant end, String detail) {}

    private final AlertConfig config;
    private final Map<Observation.Key, Observation> waiting = new LinkedHashMap<>();
    private final Map<UUID, Integer> refusals = new HashMap<>();
    private final List<Outage> ended = new ArrayList<>();
    private Instant windowStart = Instant.EPOCH;
    private Optional<Outage> outage = Optional.empty();
    private long lost;

    Observations(AlertConfig config) {
        this.config = config;
    }

    void lossDeclared(Event.LossDeclared event, Instant now) {
        var what = event.family() == null || event.family().isEmpty() ? "" : " of " + event.family();
        see(
                Rule.COLLECTOR_LOSSY,
                event.collector().toString(),
                "collector %s dropped %d batches, %d rows%s: %s"
                        .formatted(event.collector(), event.batches(), event.rows(), what, event.reason()),
                now);
    }

    void pushLost(Event.PushLost event, Instant now) {
        see(
                Rule.COLLECTOR_LOSSY,
                event.address(),
                "the version 3 collector at %s was refused (%s) a push that it will not send again"
                        .formatted(event.address(), event.fault()),
                now);
    }

    void batchRefused(Event.BatchRefused event, Instant now) {
        var collector = event.collector();
        var about = "collector %s: %s".formatted(collector, event.detail());
        if (event.fault() == Fault.RATE_LIMITED) {
            throttled(collector, now);
        } else if (event.fault() == Fault.POSITION_CONFLICT) {
            see(Rule.IDENTITY_CONFLICT, collector.toString(), about, now);
        } else if (event.fault() == Fault.TIME_OUT_OF_RANGE) {
            see(Rule.TIME_OUT_OF_RANGE, collector.toString(), about, now);
        } else if (event.fault().settles()) {
            see(Rule.BATCH_QUARANTINED, collector.toString(), about, now);
        }
    }

    void rowsFolded(Event.RowsFolded event, Instant now) {
        see(
                Rule.SERIES_FOLDED,
                event.collector() + " " + event.family(),
                "collector %s creates too many series of %s, their rows are folded into one: %s"
                        .formatted(event.collector(), event.family(), event.limit()),
                now);
    }

    private void throttled(UUID collector, Instant now) {
        if (now.isAfter(windowStart.plusSeconds(WINDOW_SECONDS))) {
            refusals.clear();
            windowStart = now;
        }
        if (refusals.size() >= config.waitingMax() && !refusals.containsKey(collector)) {
            lost++;
            return;
        }
        int times = refusals.merge(collector, 1, Integer::sum);
        if (times >= config.throttledRefusals()) {
            see(
                    Rule.COLLECTOR_THROTTLED,
                    collector.toString(),
                    "collector %s was refused %d times within a minute for sending faster than it may"
                            .formatted(collector, times),
                    now);
        }
    }

    /** @return whether this begins or ends an outage */
    boolean storeStateChanged(Event.StoreStateChanged event, Instant now) {
        if (event.up() == outage.isEmpty()) {
            return false;
        }
        if (!event.up()) {
            outage = Optional.of(new Outage(now, null, event.detail()));
            return true;
        }
        if (ended.size() == ENDED_MAX) {
            ended.remove(0);
            lost++;
        }
        ended.add(new Outage(outage.get().since(), now, outage.get().detail()));
        outage = Optional.empty();
        return true;
    }

    Optional<Outage> outage() {
        return outage;
    }

    /** The oldest outage that is over and not yet {@linkplain #written}. */
    Optional<Outage> firstEnded() {
        return ended.stream().findFirst();
    }

    void written(Outage outage) {
        ended.remove(outage);
    }

    List<Observation> takeAll() {
        var taken = List.copyOf(waiting.values());
        waiting.clear();
        return taken;
    }

    void putBack(List<Observation> unwritten) {
        unwritten.forEach(this::add);
    }

    int size() {
        return waiting.size();
    }

    /** How many observations were dropped for want of room, since the last call. */
    long takeLost() {
        long taken = lost;
        lost = 0;
        return taken;
    }

    private void see(Rule rule, String subject, String message, Instant now) {
        add(new Observation(rule, subject, message, now, now));
    }

    void add(Observation seen) {
        if (waiting.size() >= config.waitingMax() && !waiting.containsKey(seen.key())) {
            lost++;
        } else {
            waiting.merge(seen.key(), seen, Observation::and);
        }
    }
}

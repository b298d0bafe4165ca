package org.pganalytics.audit;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Events on their way to the table. Like ones become one with a count, so that a storm of refusals is a few rows; beyond
 * the limit they are only counted. For one event loop.
 */
final class WaitingEvents {
    private static final String OVERFLOW = "audit.overflow";

    /** What makes two events the same row. */
    private record Kind(String actor, String action, String target, String outcome, String address) {}

    /** A row to be. */
    static final class Waiting {
        private final Instant first;
        private final AuditRecord record;
        private long count;

        private Waiting(Instant first, AuditRecord record, long count) {
            this.first = first;
            this.record = record;
            this.count = count;
        }

        Instant first() {
            return first;
        }

        AuditRecord record() {
            return record;
        }

        JsonObject details() {
            return count == 1 ? record.details() : record.details().copy().put("count", count);
        }
    }

    private final int waitingMax;
    private final Map<Kind, Waiting> waiting = new LinkedHashMap<>();
    private long overflowed;

    WaitingEvents(int waitingMax) {
        this.waitingMax = waitingMax;
    }

    void add(Instant now, AuditRecord record) {
        put(now, record, 1);
    }

    private void put(Instant first, AuditRecord record, long count) {
        var kind = new Kind(record.actor(), record.action(), record.target(), record.outcome(), record.address());
        var same = waiting.get(kind);
        if (same != null) {
            same.count += count;
        } else if (waiting.size() < waitingMax) {
            waiting.put(kind, new Waiting(first, record, count));
        } else {
            overflowed += count;
        }
    }

    /** Takes all of them; what overflowed is the last. */
    List<Waiting> takeAll(Instant now) {
        var taken = new ArrayList<>(waiting.values());
        if (overflowed > 0) {
            taken.add(new Waiting(now, overflow(overflowed), 1));
        }
        waiting.clear();
        overflowed = 0;
        return taken;
    }

    /** Takes back what could not be written. */
    void putBack(List<Waiting> unwritten) {
        for (var each : unwritten) {
            if (each.record.action().equals(OVERFLOW)) {
                overflowed += each.record.details().getLong("lost");
            } else {
                put(each.first, each.record, each.count);
            }
        }
    }

    int size() {
        return waiting.size();
    }

    long overflowed() {
        return overflowed;
    }

    private static AuditRecord overflow(long lost) {
        return new AuditRecord("server", OVERFLOW, "", "lost", "", new JsonObject().put("lost", lost));
    }
}

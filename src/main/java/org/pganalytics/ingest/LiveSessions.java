package org.pganalytics.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.pganalytics.fault.Fault;

/** The sessions of this server, at most one a collector. Safe to share between event loops. */
public final class LiveSessions {
    private final Map<UUID, LiveSession> byCollector = new ConcurrentHashMap<>();

    public LiveSessions(MeterRegistry registry) {
        registry.gauge("pganalytics.ingest.sessions", byCollector, Map::size);
    }

    /** The ledger has given the collector's turn to this session: the one before it ends. */
    public void opened(UUID collector, LiveSession session) {
        var before = byCollector.put(collector, session);
        if (before != null && before != session) {
            before.end(Fault.SESSION_REPLACED.because("the same collector has opened another session on this server"));
        }
    }

    /** Forgets the session, unless another one has taken its place. */
    public void closed(UUID collector, LiveSession session) {
        byCollector.remove(collector, session);
    }

    /** Ends the collector's session, whichever door it came through. */
    public void revoked(UUID collector) {
        var session = byCollector.get(collector);
        if (session != null) {
            session.end(Fault.REVOKED.because("collector %s was revoked".formatted(collector)));
        }
    }

    /** Tells the collector to ask for its configuration. @param within at a random moment of this time */
    public void configChanged(UUID collector, Duration within) {
        var session = byCollector.get(collector);
        if (session != null) {
            session.configChanged(within);
        }
    }

    /** How many collectors hold a connection to this server. */
    public int held() {
        return (int) byCollector.values().stream().filter(LiveSession::isHeld).count();
    }

    /** Lets so many of those go to another server. @return how many that are */
    public int letGo(int many) {
        var some = byCollector.values().stream()
                .filter(LiveSession::isHeld)
                .limit(many)
                .toList();
        some.forEach(LiveSession::letGo);
        return some.size();
    }

    public int size() {
        return byCollector.size();
    }
}

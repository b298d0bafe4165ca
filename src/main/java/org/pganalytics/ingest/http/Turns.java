package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.ingest.LiveSession;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.model.Standing;

/**
 * The turns that collectors have taken at the ledger over HTTP: opened by a position call, held by pushes, over when the
 * lease ends. Safe to share between event loops.
 */
public final class Turns {
    private final Corridor corridor;
    private final Lobby lobby;
    private final Map<UUID, Turn> byCollector = new ConcurrentHashMap<>();

    Turns(Corridor corridor, Lobby lobby) {
        this.corridor = corridor;
        this.lobby = lobby;
    }

    /** One collector's turn. */
    private final class Turn implements LiveSession {
        private final UUID collector;
        private final UUID session;
        private final Standing standing;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile long heardNanos = now();
        private volatile long renewedNanos = heardNanos;

        private Turn(UUID collector, UUID session, Standing standing) {
            this.collector = collector;
            this.session = session;
            this.standing = standing;
        }

        @Override
        public void end(FaultException why) {
            over(why.fault());
        }

        private void over(Fault why) {
            if (over.compareAndSet(false, true)) {
                byCollector.remove(collector, this);
                lobby.sessions().closed(collector, this);
                corridor.bus().publish(new Event.SessionClosed(collector, session, why));
            }
        }

        private void heard() {
            heardNanos = now();
            if (heardNanos - renewedNanos >= standing.lease().toNanos() / 3) {
                renewedNanos = heardNanos;
                corridor.ledger().renew(collector, standing.epoch(), session).onFailure(this::notRenewed);
            }
        }

        private void notRenewed(Throwable failure) {
            if (!Fault.of(failure).retryable()) {
                over(Fault.of(failure));
            }
        }
    }

    Future<Standing> open(UUID collector, UUID instance, String address) {
        var session = UUID.randomUUID();
        return corridor.ledger()
                .open(collector, instance, session)
                .onSuccess(standing -> opened(new Turn(collector, session, standing), address));
    }

    private void opened(Turn turn, String address) {
        byCollector.put(turn.collector, turn);
        lobby.sessions().opened(turn.collector, turn);
        corridor.bus().publish(new Event.SessionOpened(turn.collector, turn.session, address, "http"));
    }

    /** A push was heard: it holds the turn of its epoch, if this server knows of one. */
    void heard(UUID collector, int epoch) {
        var turn = byCollector.get(collector);
        if (turn != null && turn.standing.epoch() == epoch) {
            turn.heard();
        }
    }

    /** Forgets those whose lease has ended. */
    void sweep() {
        List.copyOf(byCollector.values()).stream()
                .filter(turn -> Duration.ofNanos(now() - turn.heardNanos).compareTo(turn.standing.lease()) > 0)
                .forEach(turn -> turn.over(null));
    }

    private long now() {
        return lobby.nanoClock().getAsLong();
    }
}

package org.pganalytics.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Which collectors this server holds: those with a session, and those that pushed to it a short while ago without one, as
 * version 3 does. Safe from any thread.
 */
public final class HeldCollectors {
    /** Version 3 pushes every minute: whoever has left out two is gone. */
    static final Duration PUSH_HOLDS = Duration.ofSeconds(150);

    private final int heldMax;
    private final Clock clock;
    private final Map<UUID, Held> held = new ConcurrentHashMap<>();
    private volatile Consumer<UUID> listener = collector -> {};

    /** @param session null for who has none */
    private record Held(UUID session, long sinceMillis) {}

    /** @param heldMax collectors that are known; of more, nobody knows where they are */
    public HeldCollectors(int heldMax, Clock clock, MeterRegistry registry) {
        this.heldMax = heldMax;
        this.clock = clock;
        registry.gauge("pganalytics.cluster.collectors", held, Map::size);
    }

    /** Calls back for each collector that came, pushed, left or was forgotten. */
    void onChange(Consumer<UUID> listener) {
        this.listener = listener;
    }

    public void came(UUID collector, UUID session) {
        put(collector, new Held(session, clock.millis()));
    }

    /** One without a session, here for {@link #PUSH_HOLDS} from now on; who has one is held by that. */
    public void pushed(UUID collector) {
        var known = held.get(collector);
        if (known == null || known.session == null) {
            put(collector, new Held(null, clock.millis()));
        }
    }

    private void put(UUID collector, Held now) {
        if (held.size() < heldMax || held.containsKey(collector)) {
            held.put(collector, now);
            listener.accept(collector);
        }
    }

    /** Only when it is this session that holds it: another one may have taken its place. */
    public void left(UUID collector, UUID session) {
        var known = held.get(collector);
        if (known != null && session.equals(known.session) && held.remove(collector, known)) {
            listener.accept(collector);
        }
    }

    /** Forgets those whose last push was too long ago. */
    public void sweep() {
        long oldest = clock.millis() - PUSH_HOLDS.toMillis();
        held.forEach((collector, known) -> {
            if (known.session == null && known.sinceMillis < oldest && held.remove(collector, known)) {
                listener.accept(collector);
            }
        });
    }

    /** Since when, in ms of Unix time; empty for one that is not here. */
    OptionalLong since(UUID collector) {
        var known = held.get(collector);
        return known == null ? OptionalLong.empty() : OptionalLong.of(known.sinceMillis);
    }

    Set<UUID> all() {
        return held.keySet();
    }

    /** Those of them that are here. */
    public List<UUID> among(List<UUID> collectors) {
        var here = new ArrayList<>(collectors);
        here.removeIf(collector -> !held.containsKey(collector));
        return here;
    }
}

package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.cluster.HeldCollectors;

/** Says which server holds a collector: of all that share a Redis, or whether it is this one. */
final class CollectorPlaces {
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(5);

    private final HeldCollectors held;
    private final Optional<SharedState> shared;
    private final String name;

    /** @param name of this server */
    CollectorPlaces(Vertx vertx, Bus bus, HeldCollectors held, Optional<SharedState> shared, String name) {
        this.held = held;
        this.shared = shared;
        this.name = name;
        bus.on(Event.SessionOpened.class, event -> held.came(event.collector(), event.session()));
        bus.on(Event.SessionClosed.class, event -> held.left(event.collector(), event.session()));
        bus.on(Event.PushTaken.class, event -> held.pushed(event.collector()));
        vertx.setPeriodic(SWEEP_EVERY.toMillis(), tick -> held.sweep());
    }

    /** The servers' names; without those that nobody is known to hold. */
    Future<Map<UUID, String>> find(List<UUID> collectors) {
        return shared.map(state -> state.holders(collectors)).orElseGet(() -> Future.succeededFuture(here(collectors)));
    }

    private Map<UUID, String> here(List<UUID> collectors) {
        return held.among(collectors).stream().collect(Collectors.toMap(Function.identity(), collector -> name));
    }
}

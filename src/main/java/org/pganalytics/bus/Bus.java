package org.pganalytics.bus;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.function.Consumer;

/**
 * Publishes events to whoever listens on this server. The address is the event's class; the object itself is handed on,
 * uncopied. Delivery is best effort. Safe from any thread; a listener runs on the context it was registered on.
 */
public final class Bus {
    private static final DeliveryOptions LOCAL =
            new DeliveryOptions().setLocalOnly(true).setCodecName(SameObject.NAME);

    private final EventBus bus;

    /** At most one for a Vert.x: it registers the codec. */
    public Bus(Vertx vertx) {
        this.bus = vertx.eventBus();
        bus.registerCodec(new SameObject());
    }

    public void publish(Event event) {
        bus.publish(event.getClass().getName(), event, LOCAL);
    }

    public <E extends Event> MessageConsumer<E> on(Class<E> type, Consumer<E> handler) {
        return bus.<E>localConsumer(type.getName(), message -> handler.accept(message.body()));
    }
}

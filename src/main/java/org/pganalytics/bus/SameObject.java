package org.pganalytics.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands an immutable event to local listeners as it is. */
final class SameObject implements MessageCodec<Event, Event> {
    static final String NAME = "same-object";

    @Override
    public Event transform(Event event) {
        return event;
    }

    @Override
    public void encodeToWire(Buffer buffer, Event event) {
        throw new IllegalStateException("events stay on this server");
    }

    @Override
    public Event decodeFromWire(int position, Buffer buffer) {
        throw new IllegalStateException("events stay on this server");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}

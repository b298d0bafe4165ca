package org.pganalytics.storage;

import io.vertx.core.buffer.Buffer;

/** Cuts one direction of a PostgreSQL connection into messages. */
final class Messages {
    /** Takes a whole message with its header; a start-up message has type 0. */
    interface Taker {
        void take(char type, Buffer message);
    }

    private final Taker taker;
    private boolean startup;
    private Buffer bytes = Buffer.buffer();

    /** @param startup whether the first message is one without a type */
    Messages(boolean startup, Taker taker) {
        this.startup = startup;
        this.taker = taker;
    }

    void add(Buffer more) {
        bytes.appendBuffer(more);
        int at = 0;
        while (bytes.length() - at >= 5) {
            int length = startup ? bytes.getInt(at) : bytes.getInt(at + 1) + 1;
            if (bytes.length() - at < length) {
                break;
            }
            char type = startup ? 0 : (char) bytes.getByte(at);
            startup = false;
            taker.take(type, bytes.getBuffer(at, at + length));
            at += length;
        }
        bytes = bytes.getBuffer(at, bytes.length());
    }
}

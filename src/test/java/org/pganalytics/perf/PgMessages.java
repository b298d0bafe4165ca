package org.pganalytics.perf;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** One direction of a connection to PostgreSQL, cut into the messages of its protocol. */
final class PgMessages {
    private static final int LENGTH_BYTES = 4;
    private static final int MESSAGE_MAX = 64 << 20;

    private Buffer rest = Buffer.buffer();
    private boolean typed;

    private PgMessages(boolean typed) {
        this.typed = typed;
    }

    /** A client's, whose first message has no type. */
    static PgMessages ofClient() {
        return new PgMessages(false);
    }

    static PgMessages ofServer() {
        return new PgMessages(true);
    }

    /** One of them. @param type 0 of the first one; @param whole with type and length */
    record Message(char type, Buffer whole) {
        static final int BODY = 1 + LENGTH_BYTES;

        /** The text from there up to the next zero byte. */
        String text(int from) {
            int to = from;
            while (whole.getByte(to) != 0) {
                to++;
            }
            return whole.getString(from, to);
        }
    }

    /** @return those that are complete by this */
    List<Message> of(Buffer more) {
        rest.appendBuffer(more);
        var found = new ArrayList<Message>();
        int from = 0;
        for (int length = length(from); length > 0; length = length(from)) {
            found.add(new Message(typed ? (char) rest.getByte(from) : 0, rest.getBuffer(from, from + length)));
            typed = true;
            from += length;
        }
        rest = rest.getBuffer(from, rest.length());
        return found;
    }

    /** With its type; 0 where it is not all there yet. */
    private int length(int from) {
        int before = typed ? 1 : 0;
        if (rest.length() < from + before + LENGTH_BYTES) {
            return 0;
        }
        int length = before + rest.getInt(from + before);
        if (length < before + LENGTH_BYTES || length > MESSAGE_MAX) {
            throw new IllegalStateException(
                    "a message of %d bytes: this is not PostgreSQL's protocol".formatted(length));
        }
        return rest.length() < from + length ? 0 : length;
    }
}

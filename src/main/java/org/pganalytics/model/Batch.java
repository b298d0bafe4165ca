package org.pganalytics.model;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What a collector wants kept, as a door hands it on.
 *
 * @param collector who sent it, by its token, never by its body
 * @param digest of the uncompressed body
 * @param losses what the collector dropped before it
 * @param raw the body as it came, self-contained, for the quarantine
 */
public record Batch(
        UUID collector, Position position, Digest digest, List<Loss> losses, BatchContent content, Raw raw) {

    /**
     * @param mediaType {@code application/vnd.pganalytics.batch} (SCHEMA frames, then the BATCH frame) or
     *     {@code application/json}
     * @param length about how many bytes it has
     * @param source makes the bytes, which only the quarantine asks for
     */
    public record Raw(String mediaType, int length, Supplier<Buffer> source) {
        public Raw(String mediaType, Buffer bytes) {
            this(mediaType, bytes.length(), () -> bytes);
        }

        public Buffer bytes() {
            return source.get();
        }
    }

    public Batch {
        losses = List.copyOf(losses);
    }

    /** The position of a batch of ours, as every collector but those of version 3 gives it. */
    public BatchPosition number() {
        return (BatchPosition) position;
    }

    public int rows() {
        return content.rows();
    }

    /** What it counts for against limits in bytes: as it came, compressed. */
    public int bytes() {
        return raw.length();
    }
}

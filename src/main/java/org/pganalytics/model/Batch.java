package org.pganalytics.model;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.UUID;

/**
 * What a collector wants kept, as a door hands it on.
 *
 * @param collector who sent it, by its token, never by its body
 * @param digest of the uncompressed body
 * @param losses what the collector dropped before it
 * @param raw the body as it came, self-contained, for the quarantine
 */
public record Batch(
        UUID collector, BatchPosition position, Digest digest, List<Loss> losses, BatchContent content, Raw raw) {

    /**
     * @param mediaType {@code application/vnd.pganalytics.batch} (SCHEMA frames, then the BATCH frame) or
     *     {@code application/json}
     */
    public record Raw(String mediaType, Buffer bytes) {}

    public Batch {
        losses = List.copyOf(losses);
    }

    public int rows() {
        return content.rows();
    }

    /** What it counts for against limits in bytes: as it came, compressed. */
    public int bytes() {
        return raw.bytes().length();
    }
}

package org.pganalytics.collector;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchHeader;

/**
 * A batch ready to be sent; every resend of it, on every transport, is byte for byte the same.
 *
 * @param body as it goes onto the wire
 * @param schemas of the body's blocks, each once
 */
public record OutgoingBatch(BatchHeader header, Buffer body, List<FamilySchema> schemas) {
    public OutgoingBatch {
        schemas = List.copyOf(schemas);
    }

    public long sequence() {
        return header.position().sequence();
    }
}

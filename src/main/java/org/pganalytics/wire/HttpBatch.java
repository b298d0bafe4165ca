package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.FamilySchema;

/**
 * A batch that needs no connection to be understood: its schemas and its BATCH frame. The body of an HTTP push, and what
 * the quarantine keeps.
 *
 * @param schemas at most {@link #SCHEMAS_MAX}; a batch without rows needs none
 */
public record HttpBatch(List<FamilySchema> schemas, Frame.BatchFrame batch) {
    public static final String MEDIA_TYPE = "application/vnd.pganalytics.batch";
    public static final int SCHEMAS_MAX = 1024;

    public HttpBatch {
        schemas = List.copyOf(schemas);
    }

    public Buffer encode(FrameCodec codec) {
        if (schemas.size() > SCHEMAS_MAX) {
            throw new IllegalArgumentException("%d schemas, at most %d".formatted(schemas.size(), SCHEMAS_MAX));
        }
        var bytes = Buffer.buffer();
        schemas.forEach(schema -> bytes.appendBuffer(codec.encode(new Frame.Schema(schema))));
        return bytes.appendBuffer(codec.encode(batch));
    }

    /** Fails with BAD_FRAME unless the bytes are SCHEMA frames and then exactly one BATCH frame. */
    public static HttpBatch parse(Buffer bytes, FrameCodec codec) {
        var reader = new FrameReader(codec);
        reader.add(bytes);
        Map<Long, FamilySchema> schemas = new LinkedHashMap<>();
        Frame.BatchFrame batch = null;
        for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
            if (batch == null && frame.get() instanceof Frame.Schema declared && schemas.size() < SCHEMAS_MAX) {
                schemas.put(declared.schema().fingerprint(), declared.schema());
            } else if (batch == null && frame.get() instanceof Frame.BatchFrame found) {
                batch = found;
            } else {
                throw notThisForm();
            }
        }
        reader.finish();
        return new HttpBatch(
                List.copyOf(schemas.values()), Optional.ofNullable(batch).orElseThrow(HttpBatch::notThisForm));
    }

    public LongFunction<FamilySchema> byFingerprint() {
        var found = new LinkedHashMap<Long, FamilySchema>();
        schemas.forEach(schema -> found.put(schema.fingerprint(), schema));
        return found::get;
    }

    private static FaultException notThisForm() {
        return Fault.BAD_FRAME.because(
                "a body is up to %d SCHEMA frames and then one BATCH frame, no others".formatted(SCHEMAS_MAX));
    }
}

package org.pganalytics.collector;

import io.vertx.core.buffer.Buffer;
import java.util.function.Function;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;

/** How a batch becomes the body of a push. @param encode the same batch gives the same bytes each time */
public record HttpForm(String mediaType, Function<OutgoingBatch, Buffer> encode) {

    /** The native form: schemas and batch as frames, the same bytes as over TCP. */
    public static HttpForm ofFrames() {
        var codec = new FrameCodec(FrameCodec.PAYLOAD_BYTES_MAX);
        return new HttpForm(
                HttpBatch.MEDIA_TYPE,
                batch -> new HttpBatch(batch.schemas(), new Frame.BatchFrame(batch.header(), batch.body()))
                        .encode(codec));
    }

    /** The native JSON form, for a source whose bodies are JSON already. */
    public static HttpForm ofJson() {
        return new HttpForm("application/json", OutgoingBatch::body);
    }
}

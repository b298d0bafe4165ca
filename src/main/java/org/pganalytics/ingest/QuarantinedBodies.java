package org.pganalytics.ingest;

import io.vertx.core.Future;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.KeptBodies;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;

/** Reads, for a replay, the bodies that the doors handed on: in the self-contained forms that pushes have, unpacked. */
public final class QuarantinedBodies implements KeptBodies {
    private final BodyDecoder decoder;
    private final FrameCodec codec;
    private final NativeJson json;

    public QuarantinedBodies(BodyDecoder decoder, IngestConfig limits) {
        this.decoder = decoder;
        this.codec = new FrameCodec(limits.uncompressedBytesMax() + FrameCodec.CONTROL_BYTES_MAX);
        this.json = new NativeJson(limits.wireLimits());
    }

    @Override
    public Future<BatchContent> read(Batch.Raw raw) {
        return decoder.onWorker(() -> content(raw));
    }

    private BatchContent content(Batch.Raw raw) {
        try {
            return switch (raw.mediaType()) {
                case HttpBatch.MEDIA_TYPE -> {
                    var pushed = HttpBatch.parse(raw.bytes(), codec);
                    yield decoder.content(pushed.batch(), pushed.byFingerprint());
                }
                case NativeJson.MEDIA_TYPE -> json.parse(raw.bytes()).content();
                default ->
                    throw Fault.UNDECODABLE.because(
                            "a body of the media type %s was kept to be looked at only".formatted(raw.mediaType()));
            };
        } catch (FaultException refusal) {
            return new BatchContent.Undecodable(
                    refusal.fault().settles() ? refusal : Fault.UNDECODABLE.because(refusal.detail(), refusal));
        }
    }
}

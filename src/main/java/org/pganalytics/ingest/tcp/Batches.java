package org.pganalytics.ingest.tcp;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;

/** Makes batches of frames. */
final class Batches {
    private Batches() {}

    /** The raw form must be understood without this connection, so the schemas go with it. */
    static Batch of(
            UUID collector,
            Frame.BatchFrame frame,
            BatchContent content,
            Map<Long, FamilySchema> declared,
            FrameCodec codec) {
        var header = frame.header();
        var raw = new HttpBatch(List.copyOf(needed(content, declared)), frame).encode(codec);
        return new Batch(
                collector,
                header.position(),
                header.digest(),
                header.losses(),
                content,
                new Batch.Raw(HttpBatch.MEDIA_TYPE, raw));
    }

    private static Collection<FamilySchema> needed(BatchContent content, Map<Long, FamilySchema> declared) {
        return content instanceof BatchContent.Decoded decoded
                ? decoded.blocks().stream().map(ColumnBlock::schema).distinct().toList()
                : declared.values();
    }
}

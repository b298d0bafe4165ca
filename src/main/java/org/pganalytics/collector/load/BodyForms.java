package org.pganalytics.collector.load;

import java.util.List;
import org.pganalytics.collector.OutgoingBatch;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.NativeJson;

/** The two ways in which rows become the body of a batch. */
final class BodyForms {
    private static final int ZSTD_LEVEL = 3;
    private static final BatchEncoder ENCODER = BatchEncoder.small(ZSTD_LEVEL);

    private BodyForms() {}

    /** The native form, the small one that an agent sends: columns, modelled, zstd. */
    static OutgoingBatch columnar(BatchPosition position, List<Loss> losses, List<ColumnBlock> blocks) {
        var body = ENCODER.encode(blocks);
        return new OutgoingBatch(
                new BatchHeader(position, body.digest(), body.uncompressedBytes(), losses),
                body.compressed(),
                schemas(blocks));
    }

    /** Native JSON, position and all, as it is. */
    static OutgoingBatch json(BatchPosition position, List<Loss> losses, List<ColumnBlock> blocks) {
        var body = NativeJson.encode(position, losses, blocks);
        return new OutgoingBatch(
                new BatchHeader(position, Digest.of(body.getBytes()), body.length(), losses), body, schemas(blocks));
    }

    private static List<FamilySchema> schemas(List<ColumnBlock> blocks) {
        return blocks.stream().map(ColumnBlock::schema).distinct().toList();
    }
}

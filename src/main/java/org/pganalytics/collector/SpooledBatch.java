package org.pganalytics.collector;

import java.util.List;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Loss;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.EncodedBody;

/**
 * A batch as the spool keeps it: everything but its epoch, which is the instance's.
 *
 * @param sequence its number
 * @param coversFrom the first number it settles
 * @param content what would be lost with it, one a family
 * @param losses what it declares lost; not empty only in a batch without rows
 * @param schemas fingerprints of its blocks' schemas
 * @param body compressed
 */
record SpooledBatch(
        long sequence,
        long coversFrom,
        Digest digest,
        int uncompressedBytes,
        List<Loss> content,
        List<Loss> losses,
        List<Long> schemas,
        byte[] body) {
    /** What a batch is reckoned to take on disk beside its body. */
    private static final int OVERHEAD_BYTES = 256;

    private static final EncodedBody NOTHING = new BatchEncoder(1).encode(List.of());

    /** A batch without rows that says what was dropped, from one number to another. */
    static SpooledBatch declaring(long first, long to, List<Loss> losses) {
        return new SpooledBatch(
                to,
                first,
                NOTHING.digest(),
                NOTHING.uncompressedBytes(),
                List.of(),
                losses,
                List.of(),
                NOTHING.compressed().getBytes());
    }

    long rows() {
        return content.stream().mapToLong(Loss::rows).sum();
    }

    long bytes() {
        return (long) body.length + OVERHEAD_BYTES;
    }

    boolean fits(BatchSource.Welcomed limits) {
        return body.length <= limits.bodyBytesMax() && uncompressedBytes <= limits.uncompressedBytesMax();
    }

    /** The batch that stands in for this one when it is given up. */
    SpooledBatch declaredAs(Loss.Reason reason) {
        return declaring(
                coversFrom,
                sequence,
                lossWhenDropped().stream()
                        .map(loss -> Losses.because(loss, reason))
                        .toList());
    }

    /** What has to be declared when it is dropped. */
    List<Loss> lossWhenDropped() {
        return content.isEmpty() ? losses : content;
    }
}

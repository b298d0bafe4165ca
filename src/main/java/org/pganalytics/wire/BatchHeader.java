package org.pganalytics.wire;

import java.util.List;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Loss;

/**
 * What stands before the compressed body, so that even an undecodable body can be settled.
 *
 * @param digest SHA-256 of the uncompressed body
 * @param uncompressedBytes of the body
 * @param losses what was dropped before this batch; at most {@link #LOSSES_MAX}
 */
public record BatchHeader(BatchPosition position, Digest digest, int uncompressedBytes, List<Loss> losses) {
    public static final int LOSSES_MAX = 256;

    public BatchHeader {
        losses = List.copyOf(losses);
    }
}

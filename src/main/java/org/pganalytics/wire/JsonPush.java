package org.pganalytics.wire;

import java.util.List;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Loss;

/**
 * A native JSON push whose position could be read.
 *
 * @param digest SHA-256 of the JSON text as it was given to the parser
 * @param losses what could be read of them
 * @param content its blocks, or why they cannot be read
 */
public record JsonPush(BatchPosition position, Digest digest, List<Loss> losses, BatchContent content) {
    public JsonPush {
        losses = List.copyOf(losses);
    }
}

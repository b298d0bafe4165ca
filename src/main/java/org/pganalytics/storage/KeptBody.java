package org.pganalytics.storage;

import io.vertx.core.buffer.Buffer;
import org.pganalytics.model.Batch;
import org.pganalytics.model.Digest;

/** What the quarantine keeps of a batch that is refused for ever. @param digest by which it is told from others */
record KeptBody(Buffer bytes, Digest digest) {

    /** A version 3 batch makes its body when it is asked for, and tells it by no digest before: for a worker. */
    static KeptBody make(Batch batch) {
        var bytes = batch.raw().bytes();
        return new KeptBody(bytes, Digest.of(bytes.getBytes()));
    }

    /** A batch of ours has its body and its digest. */
    static KeptBody of(Batch batch) {
        return new KeptBody(batch.raw().bytes(), batch.digest());
    }
}

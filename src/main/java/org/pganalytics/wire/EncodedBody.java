package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import org.pganalytics.model.Digest;

/**
 * The body of a batch, ready for its frame.
 *
 * @param compressed one zstd frame
 * @param digest SHA-256 of what was compressed
 * @param uncompressedBytes its length
 */
public record EncodedBody(Buffer compressed, Digest digest, int uncompressedBytes) {}

package org.pganalytics.ingest.v3;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import org.pganalytics.ingest.BodyDecoder;
import org.pganalytics.ingest.http.BodyReading;
import org.pganalytics.wire.v3.V3Push;

/** A body that is read a piece at a time. */
interface Pieces {
    int PIECE_BYTES = 128 << 10;

    /** Reads the next piece into the push, on a worker; false when it was the last. Fails as the push does. */
    Future<Boolean> next(V3Push push);

    /** JSON as it arrives: the sender is held up while a piece is read. */
    static Pieces arriving(BodyReading body, BodyDecoder worker) {
        return push -> body.next(PIECE_BYTES)
                .compose(piece -> worker.onWorker(() -> {
                    if (piece.length() == 0) {
                        push.end();
                        return false;
                    }
                    push.feed(piece.getBytes());
                    return true;
                }));
    }

    /** JSON that was packed as a whole, which real collectors never do. */
    static Pieces packed(InputStream unpacked, int bytesMax, BodyDecoder worker) {
        var left = new long[] {bytesMax};
        return push -> worker.onWorker(() -> {
            var piece = unpacked.readNBytes(PIECE_BYTES);
            left[0] -= piece.length;
            if (left[0] < 0) {
                throw org.pganalytics.fault.Fault.TOO_LARGE.because(
                        "a push may unpack to %d bytes".formatted(bytesMax));
            }
            if (piece.length == 0) {
                push.end();
                return false;
            }
            push.feed(piece);
            return true;
        });
    }

    /** The binary form, complete. */
    static Pieces binary(Buffer body, int bytesMax, BodyDecoder worker) {
        var opened = new boolean[1];
        return push -> worker.onWorker(() -> {
            if (!opened[0]) {
                opened[0] = true;
                push.open(body.getBytes(), bytesMax);
            }
            return push.read(VALUES);
        });
    }

    int VALUES = 5_000;
}

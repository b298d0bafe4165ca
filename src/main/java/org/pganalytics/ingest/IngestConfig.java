package org.pganalytics.ingest;

import org.pganalytics.fault.Limit;
import org.pganalytics.wire.WireLimits;

/**
 * What all doors of the server share.
 *
 * @param inFlightBytesMax most bytes that have arrived and are not yet answered, compressed and uncompressed together;
 *     beyond it batches are refused as OVERLOADED; 16 MiB to 64 GiB, default 256 MiB
 * @param bodyBytesMax most bytes of one batch's body over TCP, as it came; 4 KiB to 64 MiB, default 16 MiB
 * @param uncompressedBytesMax most bytes of one batch's body, uncompressed; 4 KiB to 256 MiB, default 64 MiB
 * @param ratioMax most uncompressed bytes for one compressed byte of a body over 1 MiB; 1 to 100,000, default 1,000
 * @param rowsMax most rows of one batch; 1 to 10,000,000, default 200,000
 * @param blocksMax most blocks (family, target, moment) of one batch; 1 to 1,000,000, default 20,000
 * @param decodeInlineBytesMax uncompressed bodies up to this are decoded on the event loop, larger ones on a worker; 0 to
 *     4 MiB, default 256 KiB
 * @param decodeThreads of the worker; 1 to 64, default 2
 */
public record IngestConfig(
        long inFlightBytesMax,
        int bodyBytesMax,
        int uncompressedBytesMax,
        int ratioMax,
        int rowsMax,
        int blocksMax,
        int decodeInlineBytesMax,
        int decodeThreads) {

    public IngestConfig {
        Limit.between("ingest.in-flight-bytes-max", inFlightBytesMax, 16L << 20, 64L << 30);
        Limit.between("ingest.body-bytes-max", bodyBytesMax, 4 << 10, 64 << 20);
        Limit.between("ingest.uncompressed-bytes-max", uncompressedBytesMax, 4 << 10, 256 << 20);
        Limit.between("ingest.ratio-max", ratioMax, 1, 100_000);
        Limit.between("ingest.rows-max", rowsMax, 1, 10_000_000);
        Limit.between("ingest.blocks-max", blocksMax, 1, 1_000_000);
        Limit.between("ingest.decode-inline-bytes-max", decodeInlineBytesMax, 0, 4 << 20);
        Limit.between("ingest.decode-threads", decodeThreads, 1, 64);
        unlessOneFits(inFlightBytesMax, bodyBytesMax, uncompressedBytesMax);
    }

    /** A batch is held as it came and unpacked; one packed twice, as a whole and inside, unpacked twice. */
    private static void unlessOneFits(long inFlight, long body, long uncompressed) {
        long needed = Math.max(body, uncompressed) + uncompressed;
        if (inFlight < needed) {
            throw new IllegalArgumentException(("ingest.in-flight-bytes-max = %d must be at least %d, so that one batch"
                            + " always fits: the larger of ingest.body-bytes-max (%d) and"
                            + " ingest.uncompressed-bytes-max (%d), and the latter once more")
                    .formatted(inFlight, needed, body, uncompressed));
        }
    }

    public static IngestConfig standard() {
        return new IngestConfig(256L << 20, 16 << 20, 64 << 20, 1_000, 200_000, 20_000, 256 << 10, 2);
    }

    /** What one batch may ask of memory. */
    public WireLimits wireLimits() {
        return new WireLimits(uncompressedBytesMax, ratioMax, rowsMax, blocksMax);
    }
}

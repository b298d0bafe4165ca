package org.pganalytics.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a collector had to drop, as it declares it with its next batch.
 *
 * @param family the family of the rows, or empty when it is not known
 * @param rows how many; 0 when not known
 * @param fromMicros µs since 1970, when the first of them was collected
 * @param toMicros likewise the last
 */
public record Loss(String family, Reason reason, long rows, long fromMicros, long toMicros) {

    /** Why it was dropped. Wire codes are protocol: append, never renumber. */
    public enum Reason {
        /** The spool was full, and the oldest unsent batches went. */
        SPOOL_FULL(1),
        /** The server asked for batches that the spool no longer keeps (a restored database). */
        NO_LONGER_KEPT(2),
        /** Collected, but the spool could not be written. */
        SPOOL_BROKEN(3),
        /** A batch larger than the server takes, found before it was sent. */
        TOO_LARGE(4);

        private final int wireCode;

        Reason(int wireCode) {
            this.wireCode = wireCode;
        }

        public int wireCode() {
            return wireCode;
        }

        public static Optional<Reason> ofWireCode(int code) {
            return Arrays.stream(values())
                    .filter(reason -> reason.wireCode == code)
                    .findFirst();
        }
    }
}

package org.pganalytics.collector;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32C;

/**
 * Where in their intervals the families of a target are read: always at the same place, so that those of a tick share a
 * batch, and another one for each target, so that many are not read at once.
 */
final class Phase {
    private static final double RANGE = 4_294_967_296.0;
    private static final long DAY_NANOS = Duration.ofDays(1).toNanos();

    private final long placeNanos;

    Phase(String target) {
        var crc = new CRC32C();
        crc.update(target.getBytes(StandardCharsets.UTF_8));
        this.placeNanos = (long) (crc.getValue() / RANGE * DAY_NANOS);
    }

    /** Its place in an interval of so many nanoseconds; in one that is twice as long it is the same, or one interval on. */
    long of(long intervalNanos) {
        return placeNanos % intervalNanos;
    }

    /** The first moment after {@code nowNanos} that stands at this place in intervals of so many nanoseconds. */
    long next(long nowNanos, long intervalNanos) {
        long since = Math.floorMod(nowNanos - of(intervalNanos), intervalNanos);
        return nowNanos + intervalNanos - since;
    }
}

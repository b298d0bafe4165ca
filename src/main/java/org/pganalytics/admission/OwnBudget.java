package org.pganalytics.admission;

import java.time.Duration;
import java.util.function.LongSupplier;

/** What one sender, or all of them together, may still send through this server alone. */
final class OwnBudget implements Budget {
    private final TokenBucket rows;
    private final TokenBucket bytes;
    private volatile RateLimits limits;

    OwnBudget(RateLimits limits, LongSupplier nanoClock) {
        this.limits = limits;
        this.rows = new TokenBucket(limits.rowsPerSecond(), limits.burstRows(), nanoClock);
        this.bytes = new TokenBucket(limits.bytesPerSecond(), limits.burstBytes(), nanoClock);
    }

    @Override
    public Duration untilOpen() {
        var forRows = rows.untilOpen();
        var forBytes = bytes.untilOpen();
        return forRows.compareTo(forBytes) > 0 ? forRows : forBytes;
    }

    @Override
    public void charge(long rowCount, long byteCount) {
        rows.charge(rowCount);
        bytes.charge(byteCount);
    }

    @Override
    public void giveBack(long rowCount, long byteCount) {
        rows.giveBack(rowCount);
        bytes.giveBack(byteCount);
    }

    /** How long the limits take to make up for that much. */
    Duration timeFor(long rowCount, long byteCount) {
        var now = limits;
        double seconds = Math.max(rowCount / now.rowsPerSecond(), byteCount / now.bytesPerSecond());
        return Duration.ofNanos((long) Math.min(seconds * 1e9, 1e18));
    }

    @Override
    public void tune(RateLimits newLimits) {
        if (!limits.equals(newLimits)) {
            limits = newLimits;
            rows.tune(newLimits.rowsPerSecond(), newLimits.burstRows());
            bytes.tune(newLimits.bytesPerSecond(), newLimits.burstBytes());
        }
    }

    @Override
    public boolean full() {
        return rows.full() && bytes.full();
    }
}

package org.pganalytics.admission;

import java.time.Duration;

/** What one sender may still send: rows and bytes. Thread-safe. */
interface Budget {
    /** How long until something is admitted; zero when it is now. */
    Duration untilOpen();

    /** Takes the cost, whatever there is. */
    void charge(long rowCount, long byteCount);

    /** Gives back what was charged for something that did not happen. */
    void giveBack(long rowCount, long byteCount);

    /** Changes the limits from now on; debt stays. */
    void tune(RateLimits newLimits);

    /** Whether it is as a new one would be, so that it need not be kept. */
    boolean full();
}

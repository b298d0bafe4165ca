package org.pganalytics.boot;

import java.time.Duration;

/** What an agent watches while its cycle is measured. */
interface CycleTargets {
    /** From now until {@link #heard} all families are read. */
    void hear() throws Exception;

    /** How long to hear until that is so. @param interval of all families */
    Duration hearing(Duration interval);

    /** @return how many statements a cycle has by what was answered meanwhile; fails where that cannot be */
    long heard() throws Exception;

    /** A cycle begins. */
    void begin() throws Exception;

    /** Whether all of it is answered. */
    boolean isThrough() throws Exception;

    /** How long a cycle took that was seen to take so long. */
    double seconds(double seen, Duration interval);

    /** What they have taken of the processors so far. */
    double cpuSeconds() throws Exception;
}

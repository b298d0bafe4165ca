package org.pganalytics.boot;

import java.time.Duration;

/** What an agent watches while its cycle is measured. */
interface CycleTargets {
    /** From now until {@link #heard} all families are read once. */
    void hear() throws Exception;

    /** @return how many statements were answered meanwhile; from now on as many are a cycle */
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

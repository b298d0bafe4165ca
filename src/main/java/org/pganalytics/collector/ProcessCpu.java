package org.pganalytics.collector;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this process has taken of the machine's CPUs. */
final class ProcessCpu {
    private ProcessCpu() {}

    /** Nanoseconds since the start, of all threads; -1 where the JVM does not say. */
    static long nanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean here
                ? here.getProcessCpuTime()
                : -1;
    }
}

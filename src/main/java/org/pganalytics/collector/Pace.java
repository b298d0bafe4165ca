package org.pganalytics.collector;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stretches all intervals while the process takes more of a core than it may, and shrinks them again. Looked at now and
 * then; the first minute, in which code is compiled, does not count. Lives on one event loop.
 */
final class Pace {
    static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    static final double LONGEST = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Pace.class);
    private static final Duration GRACE = Duration.ofMinutes(1);
    private static final double STEP = 1.25;
    /** Shrunk only when it would still fit afterwards. */
    private static final double ROOMY = 0.7;

    private double budget;
    private final LongSupplier cpuNanos;
    private final long startNanos;
    private long lastNanos;
    private long lastCpuNanos;
    private double share;
    private double stretch = 1;

    /**
     * @param budget share of one core, 1 being all of it; 0: no limit
     * @param cpuNanos CPU time of the process so far, in nanoseconds; below 0 when it is not known
     */
    Pace(double budget, LongSupplier cpuNanos, long nowNanos) {
        this.budget = budget;
        this.cpuNanos = cpuNanos;
        this.startNanos = nowNanos;
        this.lastNanos = nowNanos;
        this.lastCpuNanos = cpuNanos.getAsLong();
    }

    /** Another share of one core holds from now on. */
    void follow(double fresh) {
        budget = fresh;
        if (fresh == 0) {
            stretch = 1;
        }
    }

    void look(long nowNanos) {
        long cpu = cpuNanos.getAsLong();
        double now = (double) (cpu - lastCpuNanos) / Math.max(1, nowNanos - lastNanos);
        lastCpuNanos = cpu;
        lastNanos = nowNanos;
        share = (share + now) / 2;
        if (budget > 0 && cpu >= 0 && nowNanos - startNanos >= GRACE.toNanos()) {
            adapt();
        }
    }

    private void adapt() {
        double before = stretch;
        if (share > budget) {
            stretch = Math.min(LONGEST, stretch * STEP);
        } else if (share < budget * ROOMY) {
            stretch = Math.max(1, stretch / STEP);
        }
        if (stretch != before) {
            say(before);
        }
    }

    private void say(double before) {
        if (before == 1) {
            LOG.warn(
                    "the agent takes {} of a core, more than cpu-budget = {}: intervals are stretched until it does not",
                    shown(share),
                    budget);
        } else if (stretch == LONGEST) {
            LOG.error("intervals are {} times as long, and the agent still takes {} of a core", stretch, shown(share));
        } else if (stretch == 1) {
            LOG.info("the agent takes {} of a core: intervals are as declared again", shown(share));
        }
    }

    private static double shown(double share) {
        return Math.round(share * 100) / 100.0;
    }

    /** By how much intervals are longer now; 1 to 20. */
    double stretch() {
        return stretch;
    }

    Duration stretched(Duration interval) {
        return Duration.ofMillis(Math.round(interval.toMillis() * stretch));
    }

    /** What the process takes of one core, lately. */
    double share() {
        return share;
    }
}

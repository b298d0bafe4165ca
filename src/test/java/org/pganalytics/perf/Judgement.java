package org.pganalytics.perf;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a short run, on a machine that others use too, holds a figure to.
 *
 * @param key of the figure that is judged
 * @param bound what it may reach at the worst
 */
record Judgement(String key, double value, double bound, boolean rises) {
    /** How far of its floor a figure of a short run has to come. */
    private static final double SHORT_RUN_SHARE = 0.7;

    /** And the ratio of rates, where other programs take from it, beside the one by processor time. */
    private static final double BUSY_SHARE = SHORT_RUN_SHARE / 2;

    /**
     * Times are not judged, nor is what has no floor. A ratio of rates falls with what other programs take; the one by
     * processor time does not, but sees nothing of a server that waits where it should work: where they take much, both
     * have to hold.
     *
     * @param isBusy whether other programs took much of the machine
     */
    static List<Judgement> of(List<Measurement> found, boolean isBusy) {
        Map<String, Measurement> byKey = new HashMap<>();
        found.forEach(one -> byKey.put(one.key(), one));
        return found.stream()
                .filter(one ->
                        one.goal() != null && !one.goal().isTime() && one.goal().hasFloor())
                .flatMap(one -> isBusy && byKey.containsKey(one.goal().keyByCpu())
                        ? Stream.of(
                                of(byKey.get(one.goal().keyByCpu()), one.goal(), SHORT_RUN_SHARE),
                                of(one, one.goal(), BUSY_SHARE))
                        : Stream.of(of(one, one.goal(), SHORT_RUN_SHARE)))
                .toList();
    }

    private static Judgement of(Measurement one, Goal goal, double share) {
        return new Judgement(one.key(), one.median(), goal.floorAt(share), goal.rises());
    }

    boolean holds() {
        return rises ? value >= bound : value <= bound;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s is %.3f, which must be at %s %.3f: %s",
                key,
                value,
                rises ? "least" : "most",
                bound,
                holds() ? "good" : "too far from its floor");
    }
}

package org.pganalytics.perf;

import java.util.Arrays;
import java.util.List;

/** The least of the values that so great a share of them does not exceed. */
final class Percentile {
    private Percentile() {}

    static double of(double share, List<Double> values) {
        return of(share, values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    static double of(double share, double[] values) {
        if (values.length == 0) {
            throw new IllegalStateException("nothing was timed");
        }
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}

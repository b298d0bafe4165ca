package org.pganalytics.wire;

import java.util.Arrays;

/** How often each size was seen in each context, to tell how surprising a column's sizes are. Reused. */
final class SizeCounts {
    private static final int SIZES = 65;
    /** A context's sizes, then how many there were in all. */
    private static final int STRIDE = SIZES + 1;
    /** What a size that was never seen counts for. */
    private static final double UNSEEN = 0.05;

    private static final double[] LOGS = new double[1_024];
    private static final double[] LOGS_OF_ALL = new double[1_024];

    static {
        Arrays.setAll(LOGS, seen -> Math.log(seen + UNSEEN));
        Arrays.setAll(LOGS_OF_ALL, seen -> Math.log(seen + UNSEEN * SIZES));
    }

    private final int[] seen = new int[NumberModel.CONTEXTS * STRIDE];

    /**
     * About how much the first {@code count} sizes say in these contexts, learning included.
     *
     * @param contexts one each; null: always the same
     * @param most where it is more than this, it is not summed up
     */
    double surprise(int[] sizes, int[] contexts, int count, double most) {
        double nats = 0;
        int row = 0;
        for (; row < count && nats < most; row++) {
            int context = contexts == null ? 0 : contexts[row] * STRIDE;
            nats += logOfAll(seen[context + SIZES]++) - log(seen[context + sizes[row]]++);
        }
        forget(sizes, contexts, row);
        return nats;
    }

    private void forget(int[] sizes, int[] contexts, int count) {
        for (int row = 0; row < count; row++) {
            int context = contexts == null ? 0 : contexts[row] * STRIDE;
            seen[context + SIZES] = 0;
            seen[context + sizes[row]] = 0;
        }
    }

    private static double log(int seen) {
        return seen < LOGS.length ? LOGS[seen] : Math.log(seen + UNSEEN);
    }

    private static double logOfAll(int seen) {
        return seen < LOGS_OF_ALL.length ? LOGS_OF_ALL[seen] : Math.log(seen + UNSEEN * SIZES);
    }
}

package org.pganalytics.perf;

import java.io.IOException;

/** Work for a server until its code is compiled, which comes late on a machine that is busy with other work. */
final class WarmUp {
    /** Of its cost before. */
    private static final double STILL_FASTER = 0.97;

    private static final int AS_BEFORE_MIN = 5;

    private WarmUp() {}

    /** What is done, again and again. */
    interface Turn {
        /** @return what it took of the server's processors; only whether it falls counts */
        double cost() throws IOException, InterruptedException;
    }

    /**
     * Until so many turns in a row were not cheaper than the cheapest before.
     *
     * @param seconds at least; at most four times as long
     */
    static void run(int seconds, Turn turn) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        double least = Double.MAX_VALUE;
        int asBefore = 0;
        do {
            double cost = turn.cost();
            asBefore = cost < least * STILL_FASTER ? 0 : asBefore + 1;
            least = Math.min(least, cost);
        } while (System.nanoTime() - begun < seconds * 1e9
                || asBefore < AS_BEFORE_MIN && System.nanoTime() - begun < 4 * seconds * 1e9);
    }
}

package org.pganalytics.cluster;

import java.util.List;

/**
 * How many collectors a server lets go of, so that all servers come to hold about as many: some at a time, for a server
 * that has just joined is not to get them all at once; and ever less often where those that were let go come back, as
 * collectors do that know this server only. Not thread-safe.
 */
final class FairShare {
    /** Beyond the mean, which is left alone: moving has its cost too. */
    private static final double TOLERANCE = 0.05;

    /** Of its collectors a server lets go of one in so many at once. */
    private static final int PART = 10;

    private static final int PAUSE_MAX = 512;

    private int peers;
    private int asked;
    private int before;
    private int pause;
    private int wait;

    /** To be asked once a round. @param others what each of the other servers holds */
    int letGo(int own, List<Integer> others) {
        if (others.size() != peers) {
            peers = others.size();
            asked = 0;
            pause = 0;
            wait = 0;
        }
        look(own);
        if (wait > 0) {
            wait--;
            return 0;
        }
        int excess = own - limit(own, others);
        asked = Math.max(0, Math.min(excess, Math.max(1, own / PART)));
        before = own;
        return asked;
    }

    /** Whether it did any good last time. */
    private void look(int own) {
        if (asked > 0) {
            boolean isLess = own <= before - (asked + 1) / 2;
            pause = isLess ? 0 : Math.min(Math.max(1, 2 * pause), PAUSE_MAX);
            wait = pause;
            asked = 0;
        }
    }

    private static int limit(int own, List<Integer> others) {
        long all = own + others.stream().mapToLong(Integer::longValue).sum();
        double mean = (double) all / (others.size() + 1);
        return (int) Math.max(Math.ceil(mean), Math.floor(mean * (1 + TOLERANCE)));
    }
}

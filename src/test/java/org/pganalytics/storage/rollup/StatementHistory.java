package org.pganalytics.storage.rollup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Statements of a server that resets, evicts statements and takes them in again, as collected every 30 s: only those that
 * moved are sent, and all of them every hour. The last of them move once in a while only.
 */
final class StatementHistory {
    static final String COLUMNS =
            "dbid, userid, queryid, toplevel, calls, total_exec_time, mean_exec_time, stats_since";
    private static final int STATEMENTS = 12;

    private final Random random;
    private final Map<Integer, Counters> counters = new HashMap<>();

    private static final class Counters {
        private final Instant since;
        private long calls;
        private double time;

        private Counters(Instant since) {
            this.since = since;
        }
    }

    StatementHistory(long seed) {
        this.random = new Random(seed);
    }

    /** Every 30 s, a little late. */
    Instant moment(Instant from, int half) {
        return from.plusSeconds(30L * half + random.nextInt(3));
    }

    boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    /** What a collection then sends; after the time and the target. */
    List<String> collected(Instant time, boolean full) {
        boolean reset = oneIn(150);
        var rows = new ArrayList<String>();
        for (int id = 0; id < STATEMENTS; id++) {
            var counted = counters(id, time, reset || oneIn(200));
            boolean moves = oneIn(1 + id * id);
            if (moves) {
                counted.calls += random.nextInt(1_000);
                counted.time += random.nextDouble() * 1e4;
            }
            if (moves || full) {
                rows.add(row(id, counted));
            }
        }
        return rows;
    }

    /** A row that nobody awaits there: whatever came after it has another one before it now. */
    String another(int id) {
        var counted = new Counters(null);
        counted.calls = random.nextInt(10_000);
        counted.time = random.nextDouble() * 1e5;
        return row(id, counted);
    }

    private Counters counters(int id, Instant time, boolean anew) {
        var since = id % 3 == 0 ? null : time.minusSeconds(random.nextInt(29));
        return counters.compute(id, (same, was) -> was == null || anew ? new Counters(since) : was);
    }

    /** With nulls in a key, a counter, a gauge and the time since which they count. */
    private String row(int id, Counters counted) {
        return "1, %s, %d, true, %d, %s, %s, %s"
                .formatted(
                        id == 5 ? "NULL" : "10",
                        id,
                        counted.calls,
                        id == 7 ? "NULL" : counted.time,
                        oneIn(5) ? "NULL" : random.nextDouble(),
                        counted.since == null ? "NULL" : "'" + counted.since + "'");
    }
}

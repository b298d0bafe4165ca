package org.pganalytics.perf;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The turns of some members of a fleet, by one thread that waits for no answer: those that have something unanswered are
 * looked at again and again, for no more than a twentieth of the time, so that looking takes little from the server.
 */
final class FleetTurns {
    private static final long LOOK_NANOS = 10_000_000;
    private static final int LOOKING_SHARE = 20;

    /** How long after the last turn an answer may still come, beyond the interval that it has. */
    private static final long ANSWER_NANOS = 60_000_000_000L;

    private final List<FleetMember> members;
    private final Set<FleetMember> waiting = new LinkedHashSet<>();
    private final Times times;
    private long lookAt;

    /**
     * When who is due.
     *
     * @param begun by {@link System#nanoTime()}, as the first turn @param interval nanoseconds between turns of a member
     * @param offset of the first of these members, in the interval @param rounds turns of each
     */
    record Times(long begun, long interval, long offset, int rounds) {
        long due(long turn, int members) {
            return begun + offset + turn * interval / members;
        }

        /** When the last batches should be acknowledged. */
        long end() {
            return begun + (rounds + 1) * interval;
        }
    }

    FleetTurns(List<FleetMember> members, Times times) {
        this.members = members;
        this.times = times;
        this.lookAt = times.begun();
    }

    /** Until all is acknowledged or lost. */
    void run() throws InterruptedException {
        long turns = (long) times.rounds() * members.size();
        for (long turn = 0; turn < turns; turn++) {
            long due = times.due(turn, members.size());
            lookUntil(due);
            var member = members.get((int) (turn % members.size()));
            member.turn(due, times.interval());
            waiting.add(member);
        }
        while (!waiting.isEmpty() && System.nanoTime() < times.end()) {
            lookUntil(Math.min(lookAt, times.end()));
        }
        waiting.forEach(FleetMember::giveUp);
        while (!waiting.isEmpty() && System.nanoTime() < times.end() + ANSWER_NANOS) {
            lookUntil(lookAt);
        }
        waiting.forEach(member -> member.lose("no answer within a minute after the last turn"));
    }

    /** Sleeps between two looks. */
    private void lookUntil(long until) throws InterruptedException {
        do {
            long now = System.nanoTime();
            if (now >= lookAt) {
                waiting.removeIf(member -> !member.look(times.interval()));
                long took = System.nanoTime() - now;
                lookAt = now + Math.max(LOOK_NANOS, LOOKING_SHARE * took);
            }
            Thread.sleep(Math.max(0, Math.min(until, lookAt) - System.nanoTime() + 999_999) / 1_000_000);
        } while (System.nanoTime() < until);
    }
}

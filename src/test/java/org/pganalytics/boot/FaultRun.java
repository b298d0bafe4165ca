package org.pganalytics.boot;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A random schedule of faults; the same seed has the same faults in the same order, at about the same times. */
final class FaultRun {
    private static final int PAUSE_MILLIS_MIN = 2_000;
    private static final int PAUSE_MILLIS_MAX = 5_000;

    /** Until the servers' code is compiled: what waits for a compiler is not what a fault cost. */
    private static final int WARM_UP_MILLIS = 45_000;

    private final FaultHouse house;
    private final List<FaultKind> kinds;
    private final Random random;
    private final PrintStream log;
    private final List<FaultKind> left = new ArrayList<>();
    private final List<FaultReport.Happened> happened = new ArrayList<>();

    /** @param kinds that happen, each once before any of them again */
    FaultRun(FaultHouse house, List<FaultKind> kinds, Random random, PrintStream log) {
        this.house = house;
        this.kinds = kinds;
        this.random = random;
        this.log = log;
    }

    /** Sends, lets faults happen while there is time, and looks what became of the rows. */
    FaultReport run(Duration time) throws Exception {
        begin();
        FaultSpan.pause(WARM_UP_MILLIS);
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            happenNext();
        }
        return end();
    }

    /** The same with each fault once. */
    FaultReport once() throws Exception {
        begin();
        for (int fault = 0; fault < kinds.size(); fault++) {
            happenNext();
        }
        return end();
    }

    private void begin() throws Exception {
        house.send("--collectors=6", "--interval=2");
        house.send(
                "--collectors=9",
                "--interval=0.2",
                "--families=server,pg_stat_database",
                "--gaps-over=" + FaultReport.GAPS_OVER_SECONDS);
        house.awaitCalm();
        FaultSpan.pause(PAUSE_MILLIS_MIN);
    }

    private void happenNext() throws Exception {
        if (left.isEmpty()) {
            left.addAll(kinds);
            Collections.shuffle(left, random);
        }
        happen(left.remove(0));
        FaultSpan.pause(random.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX));
    }

    private FaultReport end() throws Exception {
        log.printf("%s waiting for the fleet's end%n", time(System.currentTimeMillis()));
        var report = FaultReport.of(house.finish(), happened, house.leads.longestSeconds());
        report.tellGaps(log);
        report.tellCuts(log);
        return report;
    }

    private void happen(FaultKind kind) throws Exception {
        long began = System.currentTimeMillis();
        log.printf("%s %s%n", time(began), kind.key());
        happened.add(new FaultReport.Happened(kind, began, kind.happen(house)));
        house.awaitCalm();
    }

    /** Of the day, here. @param millis since 1970 */
    static LocalTime time(long millis) {
        return LocalTime.ofInstant(Instant.ofEpochMilli(millis), ZoneId.systemDefault());
    }
}

package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;

/** How evenly a fleet is spread over three servers after the third has joined: no fault, and nothing that breaks. */
final class FaultSpread {
    private static final int COLLECTORS = 90;
    private static final int WARM_UP_MILLIS = 20_000;
    private static final int SECONDS = 60;

    private static final double EVEN = 0.2;
    private static final int JOINING = 2;
    private static final String HELD = "pganalytics_ingest_connections";

    private final FaultHouse house;
    private final PrintStream log;
    private long evenAfter;
    private double furthest;

    FaultSpread(FaultHouse house, PrintStream log) {
        this.house = house;
        this.log = log;
    }

    /** What became of the rows. */
    FaultReport measure() throws Exception {
        house.send("--collectors=" + COLLECTORS, "--interval=1", "--families=server");
        house.awaitCalm();
        house.servers.end(JOINING);
        FaultSpan.pause(WARM_UP_MILLIS);
        house.again(JOINING);
        long joined = System.nanoTime();
        for (int second = 1; second <= SECONDS; second++) {
            FaultSpan.pause(Math.max(1, second * 1_000L - (System.nanoTime() - joined) / 1_000_000));
            furthest = off();
            evenAfter = furthest <= EVEN ? evenAfter : second;
        }
        return FaultReport.of(house.finish(), List.of(), 0);
    }

    /** Of the measured one: how far the furthest was at the end, and, where that is near, from when on all three were. */
    JsonObject json() {
        var json = new JsonObject().put("collectors", COLLECTORS).put("spread_furthest_after_a_minute", furthest);
        return furthest <= EVEN ? json.put("spread_even_after_s", evenAfter) : json;
    }

    /** How far the one that is furthest is from an even part, as a share of that. */
    private double off() throws Exception {
        var held = new double[house.servers.all().size()];
        double all = 0;
        for (int server = 0; server < held.length; server++) {
            held[server] = house.servers.all().get(server).metric(HELD);
            all += held[server];
        }
        if (all == 0) {
            throw new IllegalStateException("no server holds a collector");
        }
        double even = all / held.length;
        double off = 0;
        for (double one : held) {
            off = Math.max(off, Math.abs(one - even) / even);
        }
        log.printf("%.0f, %.0f and %.0f collectors%n", held[0], held[1], held[2]);
        return off;
    }
}

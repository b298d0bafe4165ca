package org.pganalytics.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Which of the servers leads, and how long another takes to lead when it dies. */
final class FaultLeads {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String METRIC = "pganalytics_storage_tables_leader";
    private static final String HOLDER = """
            SELECT coalesce(max(pid), 0) FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE locktype = 'advisory' AND granted AND application_name = 'pganalytics leader maintenance'
            """;

    private final FaultHouse house;
    private final List<Double> seconds = new ArrayList<>();

    FaultLeads(FaultHouse house) {
        this.house = house;
    }

    /** From 0; where none leads just now, any. */
    int leader() throws Exception {
        for (int server = 0; server < 3; server++) {
            if (house.servers.all().get(server).metric(METRIC) == 1) {
                return server;
            }
        }
        return house.random.nextInt(3);
    }

    /** Notes how long after the death of a server, where it led, another has the lock. */
    void handedOverBy(int server, FaultSpan.End death) throws Exception {
        boolean leads = house.servers.all().get(server).metric(METRIC) == 1;
        long holder = holder();
        death.run();
        long from = System.nanoTime();
        if (leads) {
            Awaitility.await("another leads")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> holder() != 0 && holder() != holder);
            seconds.add((System.nanoTime() - from) / 1e9);
        }
    }

    private long holder() {
        return house.primary().number(HOLDER);
    }

    /** The longest so far; 0 for none. */
    double longestSeconds() {
        return seconds.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }
}

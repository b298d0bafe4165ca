package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A database that becomes ten times slower than its fleet makes the fleet wait, and nothing else. */
class SlowDatabaseIT {
    private static final String SECRET = "a secret for a slow database";
    private static final String ROWS = "pganalytics_ingest_rows_total";
    private static final String IN_FLIGHT = "pganalytics_ingest_inflight_bytes";

    /** Ten sessions with sixteen credits each, for batches of at most 300 kB; the fleet has more to send. */
    private static final int IN_FLIGHT_MAX = 10 * 16 * 300_000;

    /** Seconds of the fleet's life before, in and after the narrow way. */
    private static final int WIDE = 8;

    private static final int NARROW = 20;

    @Test
    void theFleetWaitsAndNothingIsLost() throws Exception {
        try (var provider = Program.start(Program.folder("slow-db"), Map.of(), "serve")
                        .untilReady();
                var narrows = new Narrows(databasePort(provider));
                var server = serve(provider, narrows);
                var load = load(server, provider)) {
            Awaitility.await("rows flow").atMost(Duration.ofSeconds(60)).until(() -> server.metric(ROWS) > 1_000);
            double wide = bytesPerSecond(narrows, WIDE);
            narrows.limit((long) (wide / 10));
            Awaitility.await("the fleet's window is full")
                    .atMost(Duration.ofSeconds(NARROW))
                    .until(() -> server.metric(IN_FLIGHT) > 0);
            long largest = largestInFlight(server, NARROW);
            double rowsBefore = server.metric(ROWS);
            narrows.limit(Long.MAX_VALUE);
            double recovered = bytesPerSecond(narrows, WIDE);

            assertTrue(largest <= IN_FLIGHT_MAX, "bytes in flight: " + largest);
            assertTrue(server.metric(ROWS) > rowsBefore, "rows flow again");
            assertTrue(recovered > wide / 2, "recovered to %.0f of %.0f bytes/s".formatted(recovered, wide));
            assertNothingLost(load);
        }
    }

    private static void assertNothingLost(Program load) throws Exception {
        int code = load.waitFor(Duration.ofSeconds(180));
        var report = load.json();
        assertEquals(0, code, report::encode);
        assertEquals(0, report.getLong("rows_missing"), report::encode);
        assertEquals(0, report.getLong("rows_duplicated"), report::encode);
        assertEquals(0, report.getLong("lost"), report::encode);
        assertEquals(0, report.getLong("reconnects"), report::encode);
    }

    private static double bytesPerSecond(Narrows narrows, int seconds) throws InterruptedException {
        long before = narrows.passed();
        long began = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        return (narrows.passed() - before) * 1e9 / (System.nanoTime() - began);
    }

    private static long largestInFlight(Program server, int seconds) throws Exception {
        long largest = 0;
        for (int second = 0; second < seconds; second++) {
            largest = Math.max(largest, (long) server.metric(IN_FLIGHT));
            TimeUnit.SECONDS.sleep(1);
        }
        return largest;
    }

    private static Program serve(Program provider, Narrows narrows) throws Exception {
        var ports = provider.ports();
        var here = Path.of(ports.getString("database_passfile"));
        var password = Files.readString(here).strip();
        var passfile = Files.writeString(
                here.resolveSibling("narrows.passfile"),
                "*:*:*:*:" + password.substring(password.lastIndexOf(':') + 1));
        Files.setPosixFilePermissions(passfile, Files.getPosixFilePermissions(here));
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET",
                SECRET,
                "PGANALYTICS_DATABASE_URL",
                ports.getString("database_url").replace(":" + databasePort(provider) + "/", ":" + narrows.port() + "/"),
                "PGANALYTICS_DATABASE_PASSFILE",
                passfile.toString(),
                // The fleet knows this server only, and is not to be let go to the other one.
                "PGANALYTICS_CLUSTER_SPREAD_ENABLED",
                "false");
        return Program.start(Program.folder("slow"), environment, "serve").untilReady();
    }

    private static int databasePort(Program provider) {
        return URI.create(provider.ports().getString("database_url")).getPort();
    }

    private static Program load(Program server, Program provider) throws Exception {
        return Program.start(
                provider.data(),
                Map.of(),
                "load",
                "--server=127.0.0.1:" + server.port("tcp"),
                "--registration-secret=" + SECRET,
                "--collectors=10",
                "--targets=1",
                "--interval=1",
                "--duration=" + (2 * WIDE + NARROW + 10),
                "--mode=tcp",
                "--json",
                "--verify");
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.boot.VerifiedLoad.Outcome;

/** Whatever is killed or stopped in the middle of a load, every acknowledged row is there, and there once. */
class KillIT {
    private static final String SECRET = "a secret for kill tests";

    /** What happens while the fleet sends. */
    enum Accident {
        NOTHING {
            @Override
            Program happen(KillIT test, Program server) {
                return server;
            }
        },
        SERVER_KILLED {
            @Override
            Program happen(KillIT test, Program server) throws Exception {
                server.signal("KILL");
                server.waitFor(Duration.ofSeconds(10));
                return test.serve();
            }
        },
        SERVER_STOPPED {
            @Override
            Program happen(KillIT test, Program server) throws Exception {
                stopFor(server.process().pid());
                return server;
            }
        },
        DATABASE_KILLED {
            @Override
            Program happen(KillIT test, Program server) throws Exception {
                Program.signal(test.postmaster(), "KILL");
                return server;
            }
        },
        DATABASE_STOPPED {
            @Override
            Program happen(KillIT test, Program server) throws Exception {
                var backends = ProcessHandle.of(test.postmaster())
                        .orElseThrow()
                        .descendants()
                        .toList();
                for (var backend : backends) {
                    Program.signal(backend.pid(), "STOP");
                }
                pause(Duration.ofSeconds(8));
                for (var backend : backends) {
                    Program.signal(backend.pid(), "CONT");
                }
                return server;
            }
        };

        abstract Program happen(KillIT test, Program server) throws Exception;
    }

    private Path data;
    private Map<String, String> environment;

    @BeforeEach
    void prepare() throws IOException {
        var folder = Files.createTempDirectory(
                Files.createDirectories(Path.of("target/it")).toAbsolutePath(), "kill");
        data = folder.resolve("data");
        environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", SECRET,
                "PGANALYTICS_TCP_PORT", freePort(),
                "PGANALYTICS_HTTP_PORT", freePort(),
                "PGANALYTICS_MANAGEMENT_PORT", freePort());
    }

    @ParameterizedTest
    @EnumSource
    void everyAcknowledgedRowIsThereOnce(Accident accident) throws Exception {
        var server = serve();
        try (var load = VerifiedLoad.overTcp(data, Map.of(), server, SECRET)) {
            Awaitility.await("rows flow")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.metric("pganalytics_ingest_rows_total") > 1_000);
            var survivor = accident.happen(this, server);
            try (survivor) {
                assertEquals(Outcome.ALL_THERE_ONCE, load.outcome(Duration.ofSeconds(180)), load::said);
                assertTrue(load.rowsAcked() > 10_000, load::said);
            }
        }
    }

    private Program serve() throws IOException {
        return Program.start(data, environment, "serve").untilReady();
    }

    private long postmaster() throws IOException {
        try (var files = Files.find(data, 6, (file, facts) -> file.endsWith("postmaster.pid"))) {
            return Long.parseLong(
                    Files.readAllLines(files.findFirst().orElseThrow()).get(0).strip());
        }
    }

    private static void stopFor(long pid) throws Exception {
        Program.signal(pid, "STOP");
        pause(Duration.ofSeconds(8));
        Program.signal(pid, "CONT");
    }

    private static void pause(Duration time) {
        var end = System.nanoTime() + time.toNanos();
        Awaitility.await().atMost(time.plusSeconds(5)).until(() -> System.nanoTime() > end);
    }

    private static String freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return Integer.toString(socket.getLocalPort());
        }
    }
}

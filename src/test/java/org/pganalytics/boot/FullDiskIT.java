package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.DatabaseAddress;

/** The disk under the embedded PostgreSQL is full, and has room again. */
class FullDiskIT {
    private static final String SECRET = "a secret for full disks";
    private static final String DISK = "400m";
    private static final int BATCHES_MAX = 2_000;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @Test
    void nothingIsAcknowledgedThatDoesNotFitAndAllGoesOnWithRoom() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount a small disk");
        var data = Program.folder("full");
        try (var server = Program.startOnDisk(data, DISK, Map.of("PGANALYTICS_REGISTRATION_SECRET", SECRET))) {
            server.untilReady();
            var collector = HandCollector.register(server, SECRET, "full");
            collector.open(server);
            assertEquals(200, collector.pushNative(server, 1).status());

            var ballast = seen(server, data.resolve("postgres/ballast"));
            fill(ballast);
            long sequence = 2;
            var answer = collector.pushNative(server, sequence);
            while (answer.status() == 200 && sequence < BATCHES_MAX) {
                answer = collector.pushNative(server, ++sequence);
            }
            assertEquals(503, answer.status(), answer::toString);
            refusedUntilAnAlertIsRaised(server, collector, sequence);

            Files.delete(ballast);
            long refused = sequence;
            Awaitility.await("the batch is taken")
                    .atMost(LIMIT)
                    .until(() -> collector.pushNative(server, refused).status() == 200);
            assertEquals(200, collector.pushNative(server, refused + 1).status());
            long rows = (refused + 1) * HandCollector.ROWS;
            assertEquals(rows + " " + rows, contents(server));
            Awaitility.await("the alert is cleared")
                    .atMost(LIMIT)
                    .until(() -> server.output().contains("alert cleared: database-refusing"));
        }
    }

    private static void refusedUntilAnAlertIsRaised(Program server, HandCollector collector, long sequence)
            throws Exception {
        for (int tries = 0; tries < 20; tries++) {
            var answer = collector.pushNative(server, sequence);
            assertEquals(503, answer.status(), answer::toString);
            assertTrue(answer.body().getString("type").endsWith("STORE_DOWN"), answer::toString);
            if (server.output().contains("alert raised: database-refusing")) {
                return;
            }
        }
        throw new AssertionError("no alert; " + server.output());
    }

    /** The same path as the server sees it, whose disk nobody else does. */
    private static Path seen(Program server, Path path) {
        return Path.of("/proc/" + server.process().pid() + "/root" + path.toAbsolutePath());
    }

    private static void fill(Path ballast) throws IOException {
        for (int piece = 1 << 20; piece >= 1 << 12; piece >>= 4) {
            try (var out = Files.newOutputStream(
                    ballast, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(new byte[piece]);
                }
            } catch (IOException full) {
                assertTrue(full.getMessage().contains("No space left"), full::toString);
            }
        }
    }

    private static String contents(Program server) throws SQLException {
        var ports = server.ports();
        var address = DatabaseAddress.parse(ports.getString("database_url"))
                .withPassfile(seen(server, Path.of(ports.getString("database_passfile"))));
        try (var connection = address.dataSource(Duration.ofSeconds(20)).getConnection();
                var statement = connection.createStatement();
                var result = statement.executeQuery(HandCollector.contents("full"))) {
            result.next();
            return result.getLong(1) + " " + result.getLong(2);
        }
    }
}

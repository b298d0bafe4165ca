package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.model.Loss;

/** The disk under a spool is full, and has room again. */
class SpoolFullDiskIT {
    @TempDir
    Path directory;

    /** On a disk of its own, which only its process sees. */
    @Test
    void whatDoesNotFitIsCountedAndDeclaredAndTheRestIsKept() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount a small disk");
        var process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=16m tmpfs \"$0\" && exec \"$@\"",
                        directory.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains("all is accounted for"), output);
    }

    /** Fills the disk, spools on, makes room, and looks what is there. */
    static final class Child {
        private static final int ROWS = 200;
        private long appended;
        private long lost;
        private final Path directory;
        private final SpoolKeeper spool;

        private Child(Path directory) throws Exception {
            this.directory = directory;
            this.spool = SpoolKeeper.open(directory, SpoolConfig.defaults(), BatchConfig.defaults(), Clock.systemUTC());
        }

        public static void main(String[] arguments) throws Exception {
            new Child(Path.of(arguments[0])).run();
        }

        private void run() throws Exception {
            spool.welcome(new BatchSource.Welcomed(1, 0, 1 << 24, 1 << 26));
            append(5);
            assertEquals(0, lost);
            var ballast = directory.resolve("ballast");
            new ProcessBuilder("dd", "if=/dev/zero", "of=" + ballast, "bs=4k")
                    .start()
                    .waitFor();
            for (int tries = 0; lost == 0 && tries < 5_000; tries++) {
                append(1);
            }
            long before = lost;
            append(10);
            spool.tidy();
            assertTrue(before > 0 && lost > before, "a full disk takes nothing: " + lost);
            assertEquals(lost, spool.status().rowsLost());

            Files.delete(ballast);
            append(5);
            var batches = spool.next(0, Integer.MAX_VALUE, Long.MAX_VALUE);
            long declared = batches.stream()
                    .flatMap(batch -> batch.header().losses().stream())
                    .mapToLong(Loss::rows)
                    .sum();
            assertEquals(lost, declared, "each row that was lost is declared, once");
            assertEquals(appended - lost, spool.status().rows(), "each other one is kept");
            spool.close();
            System.out.println("all is accounted for: %d rows, %d lost".formatted(appended, lost));
        }

        private void append(int times) {
            for (int at = 0; at < times; at++) {
                var note = Long.toString(appended, 36).repeat(200);
                appended += ROWS;
                lost += spool.append(List.of(MemorySource.block(ROWS, appended, note))).stream()
                        .mapToLong(Loss::rows)
                        .sum();
            }
        }
    }
}

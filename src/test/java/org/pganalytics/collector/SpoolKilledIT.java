package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that spools is killed with kill -9 at random moments; the spool must hold all it said it held. */
class SpoolKilledIT {
    private static final int ROUNDS = 6;

    @TempDir
    Path directory;

    @Test
    void whatWasSaidToBeKeptIsKept() throws Exception {
        var random = new Random(42);
        long lastSaid = 0;
        long lastSent = 0;
        for (int round = 0; round < ROUNDS; round++) {
            var said = runAndKill(5 + random.nextInt(120));
            for (var line : said) {
                var words = line.split(" ");
                if (words[0].equals("kept")) {
                    lastSaid = Math.max(lastSaid, Long.parseLong(words[1]));
                } else if (words[0].equals("sent")) {
                    lastSent = Math.max(lastSent, Long.parseLong(words[1]));
                }
            }
            var spool = SpoolKeeper.open(directory, SpoolConfig.defaults(), BatchConfig.defaults(), Clock.systemUTC());
            spool.welcome(new BatchSource.Welcomed(1, 0, 1 << 24, 1 << 26));
            var batches = spool.next(0, Integer.MAX_VALUE, Long.MAX_VALUE);
            assertTrue(batches.size() >= lastSaid, batches.size() + " kept, " + lastSaid + " said to be");
            for (int at = 0; at < batches.size(); at++) {
                assertEquals(at + 1, batches.get(at).sequence());
                assertEquals(at + 1, batches.get(at).header().position().coversFrom());
            }
            assertTrue(lastSent <= batches.size());
            spool.close();
        }
        assertTrue(lastSaid > 20, "the test did something: " + lastSaid);
    }

    private List<String> runAndKill(int afterLines) throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SpoolKilledIT.Child.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var lines = new ArrayList<String>();
        try (var out = process.inputReader()) {
            for (var line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (lines.size() == afterLines) {
                    process.toHandle().destroyForcibly();
                }
            }
        }
        process.waitFor();
        return lines.stream().filter(line -> line.endsWith(".")).toList();
    }

    /** Spools and marks as sent until it is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            var spool = SpoolKeeper.open(
                    Path.of(arguments[0]), SpoolConfig.defaults(), BatchConfig.defaults(), Clock.systemUTC());
            var standing = spool.welcome(new BatchSource.Welcomed(1, 0, 1 << 24, 1 << 26));
            long kept = spool.next(0, Integer.MAX_VALUE, Long.MAX_VALUE).size();
            while (standing.course() == BatchSource.Course.SEND) {
                spool.append(List.of(MemorySource.block(20, kept, "note " + kept)));
                kept++;
                System.out.println("kept " + kept + " .");
                if (kept % 3 == 0) {
                    spool.next(kept - 1, 1, Long.MAX_VALUE);
                    System.out.println("sent " + kept + " .");
                }
            }
        }
    }
}

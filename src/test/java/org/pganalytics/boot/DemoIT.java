package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The demo starts on nothing, shows rows within a minute, and goes without a trace but its data. */
class DemoIT {
    private static final long ROWS = 200;
    private static final String COUNT = """
            SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
                       format('SELECT count(*) AS c FROM metrics.%I', family), false, true, '')))[1]::text::bigint), 0)
              FROM metric_family WHERE kind = 'samples' AND to_regclass('metrics.' || family) IS NOT NULL""";

    private static final String FAMILIES = """
            SELECT count(*) FROM metric_family WHERE to_regclass('metrics.' || family) IS NOT NULL
               AND (xpath('/row/c/text()', query_to_xml(
                       format('SELECT count(*) AS c FROM metrics.%I', family), false, true, '')))[1]::text::bigint > 0""";

    @Test
    void theDemoShowsRowsAndGoesAndComesBackWithThem() throws Exception {
        var data = Program.folder("demo");
        long before;
        try (var demo = Program.startGroup(data, Map.of(), "demo")) {
            demo.untilReady();
            Awaitility.await("rows are stored")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> rows(demo) >= ROWS);
            Awaitility.await("ten families have rows")
                    .atMost(Duration.ofSeconds(40))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> demo.number(FAMILIES) >= 10);
            before = rows(demo);
            whatItSaysCanBeTyped(demo, data);
            end(demo, data, "TERM");
        }
        try (var again = Program.startGroup(data, Map.of(), "demo")) {
            again.untilReady();
            long kept = rows(again);
            assertTrue(kept >= before, before + " rows before, now " + kept);
            assertEquals(0, again.number("SELECT count(*) FROM loss"), "losses");
            awaitGreeting(again);
            end(again, data, "INT");
        }
    }

    /** The commands that push a row by hand, as they stand in the greeting; no secret does. */
    private static void whatItSaysCanBeTyped(Program demo, Path data) throws Exception {
        awaitGreeting(demo);
        var output = demo.output();
        var commands = output.substring(output.indexOf("\n", output.indexOf("To push by hand")))
                .lines()
                .takeWhile(line -> line.isEmpty() || line.startsWith("  "))
                .collect(Collectors.joining("\n"));
        var typed = new ProcessBuilder("sh", "-c", commands)
                .redirectErrorStream(true)
                .start();
        var answered = new String(typed.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(answered.contains("\"outcome\":\"stored\""), commands + "\n" + answered);
        for (var secret : List.of("registration-secret", "admin-token", "admin-code")) {
            var file = data.resolve(secret);
            assertTrue(output.contains(file.toString()), output);
            assertFalse(output.contains(Files.readString(file).strip()), secret + " stands in the output");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
    }

    private static void awaitGreeting(Program demo) {
        Awaitility.await("the greeting").until(() -> demo.output().contains("\"rows\":[[\"mine\""));
    }

    /** As Ctrl-C does: the whole group at once. */
    private static void end(Program demo, Path data, String signal) throws Exception {
        var family = Stream.concat(
                        Stream.of(demo.process().toHandle()),
                        onThe(data).stream().flatMap(DemoIT::andItsOwn))
                .toList();
        assertTrue(family.size() > 3, "a Java, a postmaster and its backends: " + family);

        Program.signal(-demo.process().pid(), signal);

        Awaitility.await("all of them are gone")
                .atMost(Duration.ofSeconds(30))
                .until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
        assertEquals(0, demo.waitFor(Duration.ofSeconds(1)), "told to stop, and stopped");
        assertEquals(List.of(), onThe(data));
        assertFalse(Files.exists(data.resolve("ports.json")), "ports.json is gone");
    }

    private static Stream<ProcessHandle> andItsOwn(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants());
    }

    /** Processes that name the folder on their command line: the postmaster. */
    private static List<ProcessHandle> onThe(Path data) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .orElse("")
                        .contains(data.resolve("postgres").toString()))
                .toList();
    }

    private static long rows(Program demo) {
        try {
            return demo.number(COUNT);
        } catch (SQLException | IllegalStateException notYet) {
            return 0;
        }
    }
}

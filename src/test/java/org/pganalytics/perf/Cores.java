package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which processes run where: the database on a core of its own, all else on another, so that neither side of a comparison
 * takes from the other what it is measured by.
 *
 * @param database a processor's number, as taskset takes it; empty where there are not two of them
 */
public record Cores(String database) {
    private static final double TICKS_A_SECOND = 100;

    /** As a sentence. */
    String describe() {
        return database.isEmpty()
                ? "The database, the server and its clients share one processor."
                : "The database's processes have a processor of their own, the server and its clients share another.";
    }

    /** What goes before a command that is to run on all processors of a bench, as it would without one. */
    static List<String> onAll() {
        var all = System.getenv().getOrDefault("PERF_CORES", "");
        return all.isEmpty() ? List.of() : List.of("taskset", "-c", all);
    }

    /** Moves a database's first process and all there are of it; those to come are born there. */
    void pinDatabase(long pid) throws IOException, InterruptedException {
        if (database.isEmpty()) {
            return;
        }
        pin(pid); // first, so that none is born elsewhere meanwhile
        for (long one : family(pid)) {
            pin(one);
        }
    }

    /** One that has ended, as backends do at any time, needs no processor. */
    private void pin(long pid) throws IOException, InterruptedException {
        try {
            Commands.run("taskset", "-a", "-c", "-p", database, Long.toString(pid));
        } catch (IOException failure) {
            if (Files.exists(Path.of("/proc/" + pid))) {
                throw failure;
            }
        }
    }

    private static List<Long> family(long pid) {
        var first = ProcessHandle.of(pid).orElseThrow();
        return Stream.concat(Stream.of(first), first.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** User and system time of a process, of those it has started, and of those among them that have ended. */
    public static double cpuSecondsOfFamily(long pid) {
        return family(pid).stream().mapToDouble(one -> ticks(one, 4)).sum() / TICKS_A_SECOND;
    }

    /** User and system time of one process. */
    public static double cpuSeconds(long pid) {
        return ticks(pid, 2) / TICKS_A_SECOND;
    }

    /** The first of utime, stime, cutime, cstime; nothing of one that has just ended, which its parent tells then. */
    private static double ticks(long pid, int fields) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            var words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            double sum = 0;
            for (int at = 0; at < fields; at++) {
                sum += Long.parseLong(words[11 + at]);
            }
            return sum;
        } catch (IOException ended) {
            return 0;
        }
    }

    /** What the operating system says that a process has in memory. */
    static double residentKib(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }
}

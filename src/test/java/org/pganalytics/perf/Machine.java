package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a figure was measured on. */
final class Machine {
    private Machine() {}

    static JsonObject describe() throws IOException {
        return new JsonObject()
                .put("processors", line("/proc/cpuinfo", "model name"))
                .put("cores", countOfCores())
                .put("memory", line("/proc/meminfo", "MemTotal"))
                .put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("java", System.getProperty("java.vm.version"))
                .put("load_before", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    /** Of all processors together, whoever they worked for, since the machine started. */
    static double busySeconds() throws IOException {
        var fields = line("/proc/stat", "cpu ").split("\\s+");
        double ticks = 0;
        for (int at = 1; at <= 8; at++) {
            ticks += at == 4 || at == 5 ? 0 : Double.parseDouble(fields[at]); // neither idle nor waiting for a disk
        }
        return ticks / 100;
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

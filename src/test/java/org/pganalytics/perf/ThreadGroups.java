package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the threads of a process that still run have taken of the processors, by what they are for. */
final class ThreadGroups {
    private ThreadGroups() {}

    /** Nanoseconds by group: the threads' names without their numbers. */
    static Map<String, Long> nanos(long pid) throws IOException {
        Map<String, Long> groups = new TreeMap<>();
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (var task : tasks.toList()) {
                add(groups, task);
            }
        }
        return groups;
    }

    private static void add(Map<String, Long> groups, Path task) {
        try {
            var name = Files.readString(task.resolve("comm")).strip().replaceAll("[-#_. ]*\\d*$", "");
            var nanos = Files.readString(task.resolve("schedstat")).split(" ")[0];
            groups.merge(name, Long.parseLong(nanos), Long::sum);
        } catch (IOException ended) {
            groups.merge("ended", 0L, Long::sum);
        }
    }

    /** What each group has taken since, in µs for each of so many. */
    static Map<String, Double> microsEach(Map<String, Long> before, Map<String, Long> after, double each) {
        var spent = new HashMap<String, Double>();
        after.forEach((group, nanos) -> spent.put(group, (nanos - before.getOrDefault(group, 0L)) / 1e3 / each));
        return spent;
    }
}

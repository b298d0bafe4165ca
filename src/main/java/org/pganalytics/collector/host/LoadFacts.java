package org.pganalytics.collector.host;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/loadavg}, {@code /proc/uptime} and, where the kernel has it, {@code /proc/pressure}: one row. */
final class LoadFacts implements HostFacts.Facts {
    private static final List<String> RESOURCES = List.of("cpu", "io", "memory");

    private final ProcFiles files;

    LoadFacts(ProcFiles files) {
        this.files = files;
    }

    @Override
    public List<Map<String, Object>> rows() throws IOException {
        var row = new HashMap<String, Object>();
        var load = files.lines("loadavg").get(0);
        row.put("load_1m", Double.valueOf(load[0]));
        row.put("load_5m", Double.valueOf(load[1]));
        row.put("load_15m", Double.valueOf(load[2]));
        var tasks = load[3].split("/");
        row.put("tasks_runnable", Long.valueOf(tasks[0]));
        row.put("tasks", Long.valueOf(tasks[1]));
        row.put("uptime_seconds", Double.valueOf(files.lines("uptime").get(0)[0]));
        for (var resource : RESOURCES) {
            if (files.has("pressure/" + resource)) {
                pressure(resource, row);
            }
        }
        return List.of(row);
    }

    /** A line is {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}, its total in microseconds. */
    private void pressure(String resource, Map<String, Object> row) throws IOException {
        for (var words : files.lines("pressure/" + resource)) {
            long micros = Long.parseLong(words[words.length - 1].replace("total=", ""));
            row.put("%s_stalled_%s_seconds".formatted(resource, words[0]), micros / 1e6);
        }
    }
}

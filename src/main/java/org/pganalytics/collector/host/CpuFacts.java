package org.pganalytics.collector.host;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/stat}: one row for all CPUs. */
final class CpuFacts implements HostFacts.Facts {
    /** Linux shows clock ticks in hundredths of a second on every architecture. */
    private static final double TICKS_A_SECOND = 100;

    private static final List<String> TIMES = List.of(
            "user_seconds",
            "nice_seconds",
            "system_seconds",
            "idle_seconds",
            "iowait_seconds",
            "irq_seconds",
            "softirq_seconds",
            "steal_seconds");

    private final ProcFiles files;

    CpuFacts(ProcFiles files) {
        this.files = files;
    }

    @Override
    public List<Map<String, Object>> rows() throws IOException {
        var row = new HashMap<String, Object>();
        int cpus = 0;
        for (var words : files.lines("stat")) {
            if (words[0].equals("cpu")) {
                for (int at = 0; at < TIMES.size() && at + 1 < words.length; at++) {
                    row.put(TIMES.get(at), Long.parseLong(words[at + 1]) / TICKS_A_SECOND);
                }
            } else if (words[0].startsWith("cpu")) {
                cpus++;
            }
        }
        row.put("cpus", cpus);
        var numbers = files.numbers("stat");
        row.put("context_switches", numbers.get("ctxt"));
        row.put("interrupts", numbers.get("intr"));
        row.put("processes_started", numbers.get("processes"));
        row.put("processes_running", numbers.get("procs_running"));
        row.put("processes_blocked", numbers.get("procs_blocked"));
        return List.of(row);
    }
}

package org.pganalytics.collector.host;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/meminfo} and {@code /proc/vmstat}: one row. */
final class MemoryFacts implements HostFacts.Facts {
    private static final Map<String, String> KIB = Map.ofEntries(
            Map.entry("total_bytes", "MemTotal"),
            Map.entry("free_bytes", "MemFree"),
            Map.entry("available_bytes", "MemAvailable"),
            Map.entry("buffers_bytes", "Buffers"),
            Map.entry("cached_bytes", "Cached"),
            Map.entry("shared_bytes", "Shmem"),
            Map.entry("anonymous_bytes", "AnonPages"),
            Map.entry("dirty_bytes", "Dirty"),
            Map.entry("writeback_bytes", "Writeback"),
            Map.entry("page_tables_bytes", "PageTables"),
            Map.entry("committed_bytes", "Committed_AS"),
            Map.entry("commit_limit_bytes", "CommitLimit"),
            Map.entry("swap_total_bytes", "SwapTotal"),
            Map.entry("swap_free_bytes", "SwapFree"));

    private final ProcFiles files;

    MemoryFacts(ProcFiles files) {
        this.files = files;
    }

    @Override
    public List<Map<String, Object>> rows() throws IOException {
        var row = new HashMap<String, Object>();
        var memory = files.numbers("meminfo");
        KIB.forEach((column, name) -> put(row, column, memory.get(name), 1_024));
        put(row, "huge_pages_total", memory.get("HugePages_Total"), 1);
        put(row, "huge_pages_free", memory.get("HugePages_Free"), 1);
        put(row, "huge_page_bytes", memory.get("Hugepagesize"), 1_024);
        var events = files.numbers("vmstat");
        put(row, "swapped_in_pages", events.get("pswpin"), 1);
        put(row, "swapped_out_pages", events.get("pswpout"), 1);
        put(row, "major_faults", events.get("pgmajfault"), 1);
        put(row, "oom_kills", events.get("oom_kill"), 1);
        return List.of(row);
    }

    private static void put(Map<String, Object> row, String column, Long found, long unit) {
        if (found != null) {
            row.put(column, found * unit);
        }
    }
}

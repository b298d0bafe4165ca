package org.pganalytics.collector.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/diskstats}: one row a whole block device that was ever used. */
final class DiskFacts implements HostFacts.Facts {
    private static final int SECTOR_BYTES = 512;
    private static final int NAME = 2;
    /** The columns from {@link #NAME} on, "" where we keep none; later kernels have more of them. */
    private static final List<String> COLUMNS = List.of(
            "device",
            "reads",
            "reads_merged",
            "read_bytes",
            "read_time",
            "writes",
            "writes_merged",
            "written_bytes",
            "write_time",
            "in_flight",
            "busy_time",
            "queue_time",
            "discards",
            "",
            "discarded_bytes",
            "discard_time",
            "flushes",
            "flush_time");

    private final ProcFiles files;
    private final Path blockDevices;

    DiskFacts(ProcFiles files, Path blockDevices) {
        this.files = files;
        this.blockDevices = blockDevices;
    }

    @Override
    public List<Map<String, Object>> rows() throws IOException {
        var rows = new ArrayList<Map<String, Object>>();
        for (var words : files.lines("diskstats")) {
            var row = row(words);
            boolean used = !Long.valueOf(0).equals(row.get("reads"))
                    || !Long.valueOf(0).equals(row.get("writes"));
            if (used && isWhole((String) row.get("device"))) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static Map<String, Object> row(String[] words) {
        var row = new HashMap<String, Object>();
        row.put("device", words[NAME]);
        for (int at = 1; at < COLUMNS.size() && NAME + at < words.length; at++) {
            var column = COLUMNS.get(at);
            long found = Long.parseLong(words[NAME + at]);
            if (!column.isEmpty()) {
                row.put(column, column.endsWith("_bytes") ? found * SECTOR_BYTES : found);
            }
        }
        return row;
    }

    /** Partitions have no folder there; a slash in a device's name is an exclamation mark. */
    private boolean isWhole(String device) {
        return Files.isDirectory(blockDevices.resolve(device.replace('/', '!')));
    }
}

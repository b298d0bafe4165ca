package org.pganalytics.collector.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code /proc/net/dev}: one row an interface that was ever used; the loopback among them. */
final class NetworkFacts implements HostFacts.Facts {
    private static final int WORDS = 16;

    private final ProcFiles files;

    NetworkFacts(ProcFiles files) {
        this.files = files;
    }

    @Override
    public List<Map<String, Object>> rows() throws IOException {
        var rows = new ArrayList<Map<String, Object>>();
        for (var words : files.lines("net/dev")) {
            // The first number may stand right behind the name's colon.
            var parts = String.join(" ", words).split(":\\s*", 2);
            var numbers = parts.length < 2 ? new String[0] : parts[1].split(" ");
            if (numbers.length >= WORDS && !(numbers[1].equals("0") && numbers[9].equals("0"))) {
                rows.add(row(parts[0], numbers));
            }
        }
        return rows;
    }

    private static Map<String, Object> row(String name, String[] numbers) {
        return Map.of(
                "interface", name,
                "received_bytes", Long.valueOf(numbers[0]),
                "received_packets", Long.valueOf(numbers[1]),
                "receive_errors", Long.valueOf(numbers[2]),
                "receive_drops", Long.valueOf(numbers[3]),
                "sent_bytes", Long.valueOf(numbers[8]),
                "sent_packets", Long.valueOf(numbers[9]),
                "send_errors", Long.valueOf(numbers[10]),
                "send_drops", Long.valueOf(numbers[11]));
    }
}

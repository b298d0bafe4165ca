package org.pganalytics.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rooms and their doors, as docs/architecture.md plans them. */
record HousePlan(Map<String, List<String>> doorsByRoom) {

    static HousePlan read() {
        var doors = new TreeMap<String, List<String>>();
        boolean inside = false;
        for (var line : lines()) {
            if (inside && line.startsWith("```")) {
                break;
            }
            if (inside) {
                var parts = line.split(":");
                doors.put(parts[0].strip(), parts.length == 1 ? List.of() : words(parts[1]));
            }
            inside |= line.equals("```house");
        }
        return new HousePlan(doors);
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(Path.of("docs/architecture.md"));
        } catch (IOException e) {
            throw new IllegalStateException("docs/architecture.md holds the plan", e);
        }
    }
}

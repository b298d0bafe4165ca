package org.pganalytics.collector.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the small text files of {@code /proc}; so many lines at most. */
final class ProcFiles {
    private static final int LINES_MAX = 10_000;

    private final Path proc;

    ProcFiles(Path proc) {
        this.proc = proc;
    }

    /** The lines, each in words. */
    List<String[]> lines(String name) throws IOException {
        // Not Files.lines and its like: these files tell no size, and their bytes need be no UTF-8.
        try (var reader = Files.newBufferedReader(proc.resolve(name), StandardCharsets.ISO_8859_1)) {
            return reader.lines()
                    .limit(LINES_MAX)
                    .map(line -> line.strip().split("\\s+"))
                    .toList();
        }
    }

    /** The lines' numbers by their first word, which may end in a colon. */
    Map<String, Long> numbers(String name) throws IOException {
        var numbers = new HashMap<String, Long>();
        for (var words : lines(name)) {
            if (words.length > 1 && words[1].matches("[0-9]{1,18}")) {
                numbers.put(words[0].replace(":", ""), Long.parseLong(words[1]));
            }
        }
        return numbers;
    }

    boolean has(String name) {
        return Files.isReadable(proc.resolve(name));
    }
}

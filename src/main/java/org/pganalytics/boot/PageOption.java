package org.pganalytics.boot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which part of a list a command shows. */
final class PageOption {
    @Option(names = "--limit", paramLabel = "N", description = "Most entries, 1 to 1000; default 100.")
    private String limit;

    @Option(
            names = "--cursor",
            paramLabel = "TEXT",
            description = "Where the next page begins, as the page before said.")
    private String cursor;

    /** Adds what is given to the other parameters, a null being what is not. */
    Map<String, List<String>> with(Map<String, String> others) {
        var all = new HashMap<String, List<String>>();
        others.forEach((name, value) -> all.put(name, value == null ? List.of() : List.of(value)));
        all.put("limit", limit == null ? List.of() : List.of(limit));
        all.put("cursor", cursor == null ? List.of() : List.of(cursor));
        return all;
    }
}

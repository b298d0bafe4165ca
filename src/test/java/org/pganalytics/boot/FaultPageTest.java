package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/reliability.md says of faults is what the bench makes, and what it promises is what is held against it. */
class FaultPageTest {
    private static final Pattern FIGURES = Pattern.compile("(?m)( \\| [^|\n]*){2} \\|$");

    @TempDir
    Path results;

    /** Its rows without what was found, which a run writes. */
    private static List<String> rows(String text) {
        return text.lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> FIGURES.matcher(line).replaceAll(""))
                .collect(Collectors.toList());
    }

    @Test
    void thePageHasEachFaultAndEachPromise() throws Exception {
        assertEquals(rows(new FaultPage(results).tables()), rows(Files.readString(FaultPage.PAGE)));
    }

    @Test
    void theCommandNamesEachFault() throws Exception {
        var script = Files.readString(Path.of("perf/faults"));
        Arrays.stream(FaultKind.values()).forEach(kind -> assertTrue(script.contains(" " + kind.key()), kind.key()));
    }

    @Test
    void theTablesSayWhatWasFound() throws Exception {
        var found = new JsonObject()
                .put("at", "2026-01-02T03:04:05Z")
                .put("commit", "abc1234")
                .put("load_before", "0.5")
                .put("seed", 7)
                .put("minutes", 10.0)
                .put("rows_acked", 1_234_567)
                .put("rows_missing", 0)
                .put("rows_duplicated", 3)
                .put("faults", new JsonObject().put("cut-fleet", 4))
                .put("longest_gap_s_of", new JsonObject().put("cut-fleet", 0.456));
        Files.writeString(results.resolve("faults.json"), found.encode());

        var tables = new FaultPage(results).tables();

        assertTrue(tables.contains("| `cut-fleet` | 4 | 0.46 s |"), tables);
        assertTrue(tables.contains("| 0 / 3 | 2026-01-02, abc1234, seed 7,"), tables);
        assertTrue(tables.contains("1,234,567 rows acknowledged in 10.0 minutes"), tables);
        assertTrue(tables.contains("| `kill-server` | 0 | not measured |"), tables);
    }
}

package org.pganalytics.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who reads a runbook is in a hurry: what it names is there. */
class RunbooksTest {
    private static final Path FOLDER = Path.of("docs/runbooks");
    private static final Pattern METRIC = Pattern.compile("pganalytics_[a-z0-9_]+");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:IT|Test))`");

    private static List<Path> pages() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.filter(file -> !file.endsWith("README.md")).sorted().toList();
        }
    }

    private static Stream<String> found(Pattern pattern, String text, int group) {
        return pattern.matcher(text).results().map(result -> result.group(group));
    }

    @Test
    void eachTellsWhatIsSeenTheMetricTheStepsAndTheRehearsal() throws IOException {
        for (var page : pages()) {
            var text = Files.readString(page);
            for (var part : List.of("**Seen.**", "**Metric.**", "**Steps.**", "**Rehearsed**")) {
                assertTrue(text.contains(part), page + " lacks " + part);
            }
        }
    }

    @Test
    void everyMetricAndEveryTestThatIsNamedExists() throws IOException {
        var metrics = Files.readString(Path.of("docs/metrics.md"));
        List<String> tests;
        try (var files = Files.walk(Path.of("src/test/java"))) {
            tests = files.map(file -> file.getFileName().toString()).toList();
        }
        var missing = new TreeSet<String>();
        for (var page : pages()) {
            var text = Files.readString(page);
            found(METRIC, text, 0)
                    .filter(name -> !metrics.contains("`" + name + "`"))
                    .forEach(missing::add);
            found(TEST, text, 1).filter(name -> !tests.contains(name + ".java")).forEach(missing::add);
        }
        assertEquals(List.of(), List.copyOf(missing));
    }

    @Test
    void theListHasThemAll() throws IOException {
        var list = Files.readString(FOLDER.resolve("README.md"));
        var pages = pages().stream().map(page -> page.getFileName().toString()).collect(Collectors.toSet());
        assertEquals(
                pages,
                found(Pattern.compile("\\]\\(([a-z-]+\\.md)\\)"), list, 1).collect(Collectors.toSet()));
    }
}

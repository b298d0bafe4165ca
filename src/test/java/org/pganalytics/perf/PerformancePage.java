package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** Writes docs/performance.md: what is promised, what was measured, and where it falls short. */
final class PerformancePage {
    private static final Path DOCS = Path.of("docs");

    private final Results results;
    private final Cores cores;
    private final String command;

    /** @param command that measures all of it */
    PerformancePage(Results results, Cores cores, String command) {
        this.results = results;
        this.cores = cores;
        this.command = command;
    }

    void write(List<Picture> plots) throws IOException {
        Files.createDirectories(DOCS.resolve("performance"));
        var pictures = new StringBuilder();
        for (var plot : plots) {
            var name = "performance/" + plot.title().toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-") + ".svg";
            Files.writeString(DOCS.resolve(name), plot.svg());
            pictures.append("\n![%s](%s)\n".formatted(plot.title(), name));
        }
        Files.writeString(DOCS.resolve("performance.md"), page() + pictures);
    }

    private String page() {
        return """
                # Performance

                Written by `%s` on %s, of commit %s; [perf/README.md](../perf/README.md) says what each comparison
                proves. Ratios are of one run on one machine, by turns; an absolute figure says as much about the
                machine as about the program.

                %s. %s

                | what | floor | aim | median | least to most | times |
                |---|---|---|---|---|---|
                %s

                What explains them:

                | what | median | least to most | times |
                |---|---|---|---|
                %s

                ## Short of the floor
                %s
                """.formatted(
                        command,
                        LocalDate.now(),
                        known("commit"),
                        machine(),
                        cores.describe(),
                        Arrays.stream(Goal.values()).map(this::goal).collect(Collectors.joining("\n")),
                        results.asides().map(PerformancePage::aside).collect(Collectors.joining("\n")),
                        shortfalls());
    }

    private String machine() {
        return "%d × %s, %s of memory, %s, %s, Java %s, PostgreSQL %s; load before the run %s"
                .formatted(
                        results.machine().getLong("cores"),
                        known("processors"),
                        known("memory"),
                        known("kernel"),
                        known("file_system"),
                        known("java"),
                        known("postgresql"),
                        known("load_before"));
    }

    private String known(String what) {
        return Objects.requireNonNullElse(results.machine().getString(what), "unknown");
    }

    private String goal(Goal goal) {
        var measured = results.of(goal)
                .map(one -> "%s | %s to %s | %d"
                        .formatted(
                                number(one.median(), goal.unit()),
                                number(one.least(), ""),
                                number(one.most(), ""),
                                one.values().size()))
                .orElse("not measured | | 0");
        return "| %s | %s %s | %s | %s |"
                .formatted(
                        goal.title(),
                        goal.rises() ? "≥" : "≤",
                        number(goal.floor(), goal.unit()),
                        number(goal.aim(), goal.unit()),
                        measured);
    }

    private static String aside(Measurement one) {
        return "| `%s` | %s | %s to %s | %d |"
                .formatted(
                        one.key(),
                        number(one.median(), one.unit()),
                        number(one.least(), ""),
                        number(one.most(), ""),
                        one.values().size());
    }

    private String shortfalls() {
        var text = Arrays.stream(Goal.values())
                .flatMap(goal -> results.of(goal).stream())
                .filter(one -> !one.goal().isMetBy(one.median()))
                .map(one -> "- %s: %s, where %s is promised."
                        .formatted(
                                one.goal().title(),
                                number(one.median(), one.unit()),
                                number(one.goal().floor(), one.unit())))
                .collect(Collectors.joining("\n"));
        return text.isEmpty() ? "Nothing that was measured." : text;
    }

    private static String number(double value, String unit) {
        var form = Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.3g";
        return (String.format(Locale.ROOT, form, value) + " " + unit).strip();
    }
}

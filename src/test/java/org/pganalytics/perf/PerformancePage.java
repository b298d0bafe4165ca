package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes docs/performance.md: what is promised, what was measured, and where it falls short. */
final class PerformancePage {
    private static final Path DOCS = Path.of("docs");

    private static final Path PLOTS = DOCS.resolve("performance");

    private final List<Comparison> kept;
    private final Cores cores;

    /** @param kept what the comparisons found when they were made last */
    PerformancePage(List<Comparison> kept, Cores cores) {
        this.kept = kept;
        this.cores = cores;
    }

    /** Keeps a plot for the page. */
    static void plot(Picture plot) throws IOException {
        Files.createDirectories(PLOTS);
        var name = plot.title().toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-") + ".svg";
        Files.writeString(PLOTS.resolve(name), plot.svg());
    }

    void write() throws IOException {
        if (kept.isEmpty()) {
            throw new IOException("nothing has been measured yet");
        }
        Files.writeString(DOCS.resolve("performance.md"), page() + plots());
    }

    private static String plots() throws IOException {
        if (!Files.isDirectory(PLOTS)) {
            return "";
        }
        try (Stream<Path> all = Files.list(PLOTS)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".svg"))
                    .sorted()
                    .map(name -> "\n![%s](performance/%s)\n"
                            .formatted(name.replace(".svg", "").replace('-', ' '), name))
                    .collect(Collectors.joining());
        }
    }

    private String page() {
        return """
                # Performance

                Written by `perf/run`; [perf/README.md](../perf/README.md) says what each comparison proves. Each was
                taken in one run on one machine, by turns, at the time and of the commit that stand beside it
                (`perf/run --only` takes one again, `perf/run --page` writes this page). An absolute figure says as much
                about the machine as about the program.

                %s. %s

                | what | floor | aim | median | least to most | times | measured |
                |---|---|---|---|---|---|---|
                %s

                What explains them:

                | what | of | median | least to most | times |
                |---|---|---|---|---|
                %s

                ## Short of the floor
                %s
                """.formatted(
                        machine(),
                        cores.describe(),
                        Arrays.stream(Goal.values()).map(this::goal).collect(Collectors.joining("\n")),
                        kept.stream().flatMap(PerformancePage::asides).collect(Collectors.joining("\n")),
                        shortfalls());
    }

    /** Of the comparison that was made last. */
    private String machine() {
        var machine = kept.stream()
                .max(Comparator.comparing(Comparison::at))
                .orElseThrow()
                .machine();
        return "%d × %s, %s of memory, %s, %s, Java %s, PostgreSQL %s"
                .formatted(
                        machine.getLong("cores"),
                        known(machine, "processors"),
                        known(machine, "memory"),
                        known(machine, "kernel"),
                        known(machine, "file_system"),
                        known(machine, "java"),
                        known(machine, "postgresql"));
    }

    private static String known(JsonObject machine, String what) {
        return Objects.requireNonNullElse(machine.getString(what), "unknown");
    }

    /** A goal, and the comparison that measured it. */
    private record Found(Comparison of, Measurement measurement) {}

    private Optional<Found> find(Goal goal) {
        return kept.stream()
                .flatMap(one -> one.measurements().stream()
                        .filter(measurement -> measurement.goal() == goal)
                        .map(measurement -> new Found(one, measurement)))
                .findFirst();
    }

    private String goal(Goal goal) {
        var measured = find(goal).map(PerformancePage::found).orElse("not measured | | 0 | ");
        var floor = !goal.hasFloor() ? "–" : (goal.rises() ? "≥ " : "≤ ") + number(goal.floor(), goal.unit());
        return "| %s | %s | %s | %s |".formatted(goal.title(), floor, number(goal.aim(), goal.unit()), measured);
    }

    private static String found(Found found) {
        var one = found.measurement();
        return "%s | %s to %s | %d | %s, %s"
                .formatted(
                        number(one.median(), one.unit()),
                        number(one.least(), ""),
                        number(one.most(), ""),
                        one.values().size(),
                        found.of().day(),
                        found.of().commit());
    }

    private static Stream<String> asides(Comparison of) {
        return of.measurements().stream()
                .filter(one -> one.goal() == null)
                .map(one -> "| `%s` | %s | %s | %s to %s | %d |"
                        .formatted(
                                one.key(),
                                of.name(),
                                number(one.median(), one.unit()),
                                number(one.least(), ""),
                                number(one.most(), ""),
                                one.values().size()));
    }

    private String shortfalls() {
        var text = Arrays.stream(Goal.values())
                .flatMap(goal -> find(goal).stream())
                .map(Found::measurement)
                .filter(one -> !one.goal().isMetBy(one.median()))
                .map(one -> "- %s: %s, where %s is %s."
                        .formatted(
                                one.goal().title(),
                                number(one.median(), one.unit()),
                                number(one.goal().bound(), one.unit()),
                                one.goal().hasFloor() ? "promised" : "aimed at"))
                .collect(Collectors.joining("\n"));
        return text.isEmpty() ? "Nothing that was measured." : text;
    }

    private static String number(double value, String unit) {
        var form = Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.3g";
        return (String.format(Locale.ROOT, form, value) + " " + unit).strip();
    }
}

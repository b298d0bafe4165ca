package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The tables of docs/reliability.md: what is promised and what was found, of what {@code perf/faults} kept. */
final class FaultPage {
    static final Path PAGE = Path.of("docs/reliability.md");
    static final Path RESULTS = Path.of("perf/results");

    /** What stands between these lines is written by us. */
    private static final String BEGIN = "<!-- written by perf/faults -->\n";

    private static final String END = "<!-- until here -->\n";
    private static final String NOT_YET = "not measured";

    /** What is promised, in which run it is to be seen, and how it reads there. */
    private record Promise(String what, String floor, String aim, String run, Function<JsonObject, String> found) {
        String row(Path results) {
            var seen = read(results, run);
            return "| %s | %s | %s | %s | %s |"
                    .formatted(
                            what,
                            floor,
                            aim,
                            seen.map(found).orElse(NOT_YET),
                            seen.map(FaultPage::when).orElse(""));
        }
    }

    private static final List<Promise> PROMISES = List.of(
            new Promise(
                    "`kill -9` of one of three servers: longest gap seen by a collector",
                    "2 s",
                    "0.5 s",
                    "faults-kill-server",
                    longestOf(FaultKind.KILL_SERVER)),
            new Promise(
                    "a leader killed: until another leads",
                    "2 s",
                    "2 s",
                    "faults-kill-server",
                    found -> seconds(found.getDouble("leader_hand_over_s"))),
            new Promise(
                    "rolling restart of three: errors seen",
                    "0",
                    "0",
                    "faults-rolling-restart",
                    found -> found.getLong("errors").toString()),
            new Promise(
                    "rolling restart from the version before to this one and back, one server stays as it was: errors seen",
                    "0",
                    "0",
                    "faults-rolling-restart-mixed",
                    found -> found.getLong("errors").toString()),
            new Promise(
                    "primary killed, standby promoted: gap after the promotion",
                    "5 s",
                    "2 s",
                    "faults-kill-primary",
                    longestOf(FaultKind.KILL_PRIMARY)),
            new Promise(
                    "a server joins two: how far its or another's part of the collectors is from an even one a minute later",
                    "20 %",
                    "10 %",
                    "spread",
                    FaultPage::spread),
            new Promise(
                    "acknowledged rows missing / rows stored twice over all faults",
                    "0 / 0",
                    "0 / 0",
                    "faults",
                    found -> found.getLong("rows_missing") + " / " + found.getLong("rows_duplicated")));

    private final Path results;

    FaultPage(Path results) {
        this.results = results;
    }

    private static Function<JsonObject, String> longestOf(FaultKind kind) {
        return found -> seconds(found.getJsonObject("longest_gap_s_of").getDouble(kind.key()));
    }

    private static String spread(JsonObject found) {
        var off = String.format(Locale.ROOT, "%.0f %%", 100 * found.getDouble("spread_furthest_after_a_minute"));
        return found.containsKey("spread_even_after_s")
                ? off + ", within 20 %% after %d s".formatted(found.getLong("spread_even_after_s"))
                : off;
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    private static String when(JsonObject found) {
        return "%s, %s, seed %d, load of the machine before %s"
                .formatted(
                        found.getString("at").substring(0, 10),
                        found.getString("commit"),
                        found.getLong("seed"),
                        found.getString("load_before"));
    }

    private static Optional<JsonObject> read(Path results, String run) {
        var file = results.resolve(run + ".json");
        try {
            return Files.exists(file) ? Optional.of(new JsonObject(Files.readString(file))) : Optional.empty();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file, e);
        }
    }

    String tables() {
        var all = read(results, "faults");
        return """
                | what | floor | aim | found | run |
                |---|---|---|---|---|
                %s

                | fault | `--only` | times survived | longest gap |
                |---|---|---|---|
                %s

                %s
                """.formatted(
                PROMISES.stream().map(one -> one.row(results)).collect(Collectors.joining("\n")),
                Arrays.stream(FaultKind.values()).map(kind -> row(kind, all)).collect(Collectors.joining("\n")),
                all.map(found -> "%,d rows acknowledged in %s minutes; %s."
                                .formatted(found.getLong("rows_acked"), found.getDouble("minutes"), when(found)))
                        .orElse("No whole run has been kept yet."));
    }

    private static String row(FaultKind kind, Optional<JsonObject> all) {
        long times = all.map(found -> found.getJsonObject("faults").getLong(kind.key(), 0L))
                .orElse(0L);
        return "| %s | `%s` | %d | %s |"
                .formatted(
                        kind.title(),
                        kind.key(),
                        times,
                        times == 0 ? NOT_YET : longestOf(kind).apply(all.orElseThrow()));
    }

    /** The page as it stands, with the tables of what was found last. */
    String updated() throws IOException {
        var page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        return page.substring(0, from) + "\n" + tables() + "\n" + page.substring(page.indexOf(END));
    }

    void write() throws IOException {
        Files.writeString(PAGE, updated());
    }
}

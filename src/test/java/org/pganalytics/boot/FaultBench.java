package org.pganalytics.boot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perf/faults}: faults by a seeded random schedule, under a fleet that looks for its acknowledged rows after. */
@Command(name = "perf/faults", mixinStandardHelpOptions = true)
final class FaultBench implements Callable<Integer> {
    private static final PrintStream LOG = System.err;

    @Spec
    private CommandSpec spec;

    @Option(names = "--minutes", defaultValue = "5")
    private double minutes;

    @Option(names = "--seed")
    private Long seed;

    @Option(names = "--only", split = ",")
    private List<String> only = List.of();

    @Option(names = "--spread")
    private boolean spread;

    @Option(names = "--before")
    private Path before;

    @Option(names = "--json")
    private boolean json;

    private JsonObject machine;
    private boolean begun;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FaultBench())
                .setParameterExceptionHandler((wrong, all) -> wrongUsage(wrong))
                .execute(arguments));
    }

    /** As the other scripts do: what is wrong, then the comment at the head of the script. */
    private static int wrongUsage(ParameterException wrong) throws IOException {
        LOG.printf("perf/faults: %s%n", wrong.getMessage());
        try (var lines = Files.lines(Path.of("perf/faults"))) {
            lines.skip(1)
                    .takeWhile(line -> line.startsWith("#"))
                    .forEach(line -> LOG.println(line.replaceFirst("# ?", "")));
        }
        return 2;
    }

    @Override
    public Integer call() throws Exception {
        var kinds = kinds();
        long chosen = seed == null ? new Random().nextLong(1_000_000) : seed;
        LOG.printf("perf/faults: seed %d%n", chosen);
        var place = FaultPlace.make();
        try {
            return tell(run(kinds, chosen, place), chosen)
                    ? 0
                    : failed(place, chosen, "rows are missing or there twice");
        } catch (Exception | AssertionError failed) {
            failed.printStackTrace(LOG);
            return failed(place, chosen, failed.getMessage());
        }
    }

    private int failed(FaultPlace place, long chosen, String why) {
        LOG.printf("perf/faults: FAILED with --seed %d: %s%n", chosen, why);
        if (begun) {
            place.keep().ifPresent(left -> LOG.printf("perf/faults: what it left is in %s%n", left));
        }
        return 1;
    }

    /** What became of the rows. @param more that was measured */
    private record Found(FaultReport report, JsonObject more) {}

    private Found run(List<FaultKind> kinds, long chosen, FaultPlace place) throws Exception {
        machine = machine();
        var random = new Random(chosen);
        try (var house = new FaultHouse(place.databases(), random, FaultVersions.launched(before))) {
            begun = true;
            if (spread) {
                var joined = new FaultSpread(house, LOG);
                return new Found(joined.measure(), joined.json());
            }
            var time = Duration.ofMillis((long) (minutes * 60_000));
            var report = new FaultRun(house, kinds, random, LOG).run(time);
            return new Found(report, new JsonObject().put("minutes", minutes));
        }
    }

    private List<FaultKind> kinds() {
        var asked = only.isEmpty()
                ? Arrays.asList(FaultKind.values())
                : only.stream().map(this::known).toList();
        var usable = new ArrayList<FaultKind>();
        for (var kind : asked) {
            missing(kind)
                    .ifPresentOrElse(
                            why -> LOG.printf("perf/faults: %s is left out: %s%n", kind.key(), why),
                            () -> usable.add(kind));
        }
        return usable;
    }

    private FaultKind known(String key) {
        try {
            return FaultKind.of(key);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), "--only: " + unknown.getMessage());
        }
    }

    private Optional<String> missing(FaultKind kind) {
        return before != null && kind.isOfRedis() ? Optional.of("the version before knows no Redis") : kind.missing();
    }

    /** @return whether all rows are there, once */
    private boolean tell(Found told, long chosen) throws Exception {
        var found = told.report()
                .json()
                .mergeIn(told.more())
                .put("seed", chosen)
                .put("at", Instant.now().toString());
        found.mergeIn(machine);
        if (told.report().isClean()) {
            keep(found);
        }
        System.out.println(json ? found.encode() : found.encodePrettily());
        return told.report().isClean();
    }

    /** A run of all faults is one thing, a run of some another; the page has the last of each. */
    private void keep(JsonObject found) throws Exception {
        var name = new StringBuilder(spread ? "spread" : "faults");
        only.forEach(kind -> name.append('-').append(kind));
        name.append(before == null ? "" : "-mixed");
        Files.writeString(
                Files.createDirectories(FaultPage.RESULTS).resolve(name + ".json"), found.encodePrettily() + "\n");
        new FaultPage(FaultPage.RESULTS).write();
    }

    private static JsonObject machine() throws Exception {
        var commit = new ProcessBuilder("git", "describe", "--always", "--dirty", "--exclude=*").start();
        return new JsonObject()
                .put("commit", new String(commit.getInputStream().readAllBytes(), UTF_8).strip())
                .put("load_before", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }
}

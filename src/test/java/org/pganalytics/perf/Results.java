package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What was measured: a file a comparison below {@code perf/results}, and one that has the median of each key. */
final class Results {
    private static final Path FOLDER = Path.of("perf/results");

    private final List<Measurement> all = new ArrayList<>();
    private final JsonObject machine;

    Results(JsonObject machine) throws IOException {
        this.machine = machine;
        Files.createDirectories(FOLDER);
    }

    void add(String comparison, List<Measurement> found) throws IOException {
        all.addAll(found);
        var json = new JsonObject()
                .put("comparison", comparison)
                .put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .put("machine", machine);
        for (var one : found) {
            json.put(one.key(), one.json());
            System.out.printf(
                    Locale.ROOT,
                    "  %-28s %,12.3f %-6s (%,.3f to %,.3f of %d)%s%n",
                    one.key(),
                    one.median(),
                    one.unit(),
                    one.least(),
                    one.most(),
                    one.values().size(),
                    one.goal() == null ? "" : verdict(one));
        }
        write(comparison, json);
        writeMedians();
    }

    private static String verdict(Measurement one) {
        return one.goal().isMetBy(one.median())
                ? ""
                : String.format(
                        Locale.ROOT, "  short of the floor, %s", one.goal().floor());
    }

    private void writeMedians() throws IOException {
        var json = new JsonObject().put("machine", machine);
        all.forEach(one -> json.put(one.key(), one.median()));
        write("run", json);
    }

    private static void write(String name, JsonObject json) throws IOException {
        Files.writeString(FOLDER.resolve(name + ".json"), json.encodePrettily() + "\n");
    }

    JsonObject machine() {
        return machine;
    }

    Optional<Measurement> of(Goal goal) {
        return all.stream().filter(one -> one.goal() == goal).findFirst();
    }

    /** Figures that explain others. */
    Stream<Measurement> asides() {
        return all.stream().filter(one -> one.goal() == null);
    }

    /**
     * Those far from their floors.
     *
     * @param isBusy whether other programs took so much of the machine that a ratio of rates says nothing: the figure by CPU
     *     stands in for it then
     */
    List<Measurement> farMissed(boolean isBusy) {
        return all.stream()
                .filter(one -> one.goal() != null)
                .filter(one -> one.goal().isFarMissedBy(isBusy ? byCpu(one) : one.median()))
                .toList();
    }

    private double byCpu(Measurement rate) {
        return all.stream()
                .filter(one -> one.key().equals(rate.goal().keyByCpu()))
                .findFirst()
                .orElse(rate)
                .median();
    }
}

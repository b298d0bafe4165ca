package org.pganalytics.perf;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured: a file a comparison below {@code perf/results}, and one that has the median of each key. */
final class Results {
    private final List<Measurement> all = new ArrayList<>();
    private final Map<String, JsonObject> ofThisRun = new HashMap<>();
    static final Path FOLDER = Path.of("perf/results");

    private final JsonObject machine;
    private final String length;
    private final Path folder;

    Results(JsonObject machine, String length) throws IOException {
        this(machine, length, FOLDER);
    }

    /** @param machine and commit that they are of @param length of the run, short or full @param folder for the files */
    Results(JsonObject machine, String length, Path folder) throws IOException {
        this.machine = machine;
        this.length = length;
        this.folder = Files.createDirectories(folder);
    }

    void add(String comparison, List<Measurement> found) throws IOException {
        all.addAll(found);
        var json = new JsonObject()
                .put("comparison", comparison)
                .put("run", length)
                .put("at", now())
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
                        Locale.ROOT,
                        "  short of the %s, %s",
                        one.goal().hasFloor() ? "floor" : "aim",
                        one.goal().bound());
    }

    /** Of this run; what it did not measure stays as another one has left it, with the time of that. */
    private void writeMedians() throws IOException {
        var json = before();
        var measured = json.getJsonObject("measured", new JsonObject());
        var now = new JsonObject().put("at", now()).put("commit", machine.getString("commit"));
        all.forEach(one -> {
            json.put(one.key(), one.median());
            measured.put(one.key(), ofThisRun.computeIfAbsent(one.key(), key -> now));
        });
        write("run", json.put("machine", machine).put("measured", measured));
    }

    private JsonObject before() throws IOException {
        var file = folder.resolve("run.json");
        try {
            return Files.exists(file) ? new JsonObject(Files.readString(file)) : new JsonObject();
        } catch (DecodeException broken) {
            System.out.printf("perf/run: %s is not JSON, and is made anew%n", file);
            return new JsonObject();
        }
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Whole, however a run ends. */
    private void write(String name, JsonObject json) throws IOException {
        var part = Files.writeString(folder.resolve(name + ".part"), json.encodePrettily() + "\n");
        Files.move(part, folder.resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** What a short run is held to. @param isBusy whether other programs took much of the machine */
    List<Judgement> judged(boolean isBusy) {
        return Judgement.of(all, isBusy);
    }
}

package org.pganalytics.perf;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What one comparison found when it was made last, by a full run or one of parts.
 *
 * @param at when, in ISO 8601
 * @param machine and commit that it is of
 */
record Comparison(String name, String at, JsonObject machine, List<Measurement> measurements) {
    /** Those whose files are in a folder, by their names; what a short run found is left out. */
    static List<Comparison> kept(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".json")).toList();
        }
        var kept = new ArrayList<Comparison>();
        for (var file : files) {
            read(file)
                    .filter(json -> json.containsKey("comparison") && "full".equals(json.getString("run")))
                    .map(Comparison::of)
                    .forEach(kept::add);
        }
        kept.sort(Comparator.comparing(Comparison::name));
        return kept;
    }

    private static Stream<JsonObject> read(Path file) throws IOException {
        try {
            return Stream.of(new JsonObject(Files.readString(file)));
        } catch (DecodeException broken) {
            System.out.printf("perf/run: %s is not JSON, and is left out%n", file);
            return Stream.empty();
        }
    }

    private static Comparison of(JsonObject json) {
        var found = json.fieldNames().stream()
                .filter(key -> json.getValue(key) instanceof JsonObject one && one.containsKey("values"))
                .map(key -> measurement(key, json.getJsonObject(key)))
                .toList();
        return new Comparison(json.getString("comparison"), json.getString("at"), json.getJsonObject("machine"), found);
    }

    private static Measurement measurement(String key, JsonObject json) {
        var values = json.getJsonArray("values", new JsonArray()).stream()
                .map(value -> ((Number) value).doubleValue())
                .toList();
        return new Measurement(key, json.getString("unit"), values, Goal.of(key).orElse(null));
    }

    String day() {
        return at.substring(0, 10);
    }

    String commit() {
        return machine.getString("commit", "unknown");
    }
}

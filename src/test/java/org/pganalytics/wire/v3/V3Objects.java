package org.pganalytics.wire.v3;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Objects of all twelve types with every field that a version 3 collector may send, members sorted as it sorts them.
 * The fields stand in {@code v3/types.json} by kind: i whole number, f fraction, t text, b truth, z a PostgreSQL time,
 * h a signed hash.
 */
public final class V3Objects {
    private static final List<String> DATABASES = List.of("appdb", "postgres");

    private V3Objects() {}

    private static JsonObject types() {
        try {
            return new JsonObject(Files.readString(Path.of("src/test/resources/v3/types.json")));
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    public static JsonObject push(String hostname, List<JsonObject> metrics) {
        return sorted(new JsonObject()
                .put("collector_id", "11111111-2222-4333-8444-555555555555")
                .put("hostname", hostname)
                .put("metrics", new JsonArray(new ArrayList<>(metrics)))
                .put("metrics_count", metrics.size())
                .put("timestamp", Instant.now().toString())
                .put("version", "3.0.0"));
    }

    /** What one cycle sends. @param n goes into every value, so that rows can be told apart */
    public static List<JsonObject> oneOfEach(String timestamp, long n) {
        var objects = new ArrayList<JsonObject>();
        for (var type : types()) {
            var form = (JsonObject) type.getValue();
            switch (form.getString("each")) {
                case "databases" -> {
                    var databases = new JsonObject();
                    DATABASES.forEach(database -> databases.put(database, content(form, n)));
                    var said = new JsonObject()
                            .put("collector_id", "collector-001")
                            .put("hostname", "h");
                    objects.add(object(type.getKey(), timestamp, said.put("databases", databases)));
                }
                case "database" ->
                    DATABASES.forEach(database -> objects.add(
                            object(type.getKey(), timestamp, content(form, n).put("database", database))));
                case "log" ->
                    objects.add(
                            object(type.getKey(), timestamp, content(form, n).put("database", "postgres")));
                default -> objects.add(object(type.getKey(), timestamp, content(form, n)));
            }
        }
        return objects;
    }

    private static JsonObject object(String type, String timestamp, JsonObject content) {
        return sorted(content.put("type", type).put("timestamp", timestamp));
    }

    private static JsonObject content(JsonObject form, long n) {
        var content = row(n, form.getString("row", ""));
        form.getJsonObject("one", new JsonObject())
                .forEach(one -> content.put(one.getKey(), row(n, (String) one.getValue())));
        form.getJsonArray("texts", new JsonArray())
                .forEach(name -> content.put(
                        (String) name, new JsonArray().add(name + "-" + n).add(name + "+" + n)));
        form.getJsonObject("rows").forEach(rows -> {
            var array = new JsonArray().add(row(n, (String) rows.getValue())).add(row(n + 1, (String) rows.getValue()));
            var path = rows.getKey().split("/");
            if (path.length == 1) {
                content.put(path[0], array);
            } else {
                content.put(path[0], new JsonObject().put(path[1], array).put("total_connections", n));
            }
        });
        return sorted(content);
    }

    private static JsonObject row(long n, String fields) {
        var row = new JsonObject();
        for (var field : fields.isEmpty() ? new String[0] : fields.split(" ")) {
            row.put(field.substring(2), value(field, n));
        }
        return sorted(row);
    }

    private static Object value(String field, long n) {
        return switch (field.charAt(0)) {
            case 'i' -> n;
            case 'h' -> n % 2 == 0 ? Long.MIN_VALUE + n : Long.MAX_VALUE - n;
            case 'f' -> n + 0.5;
            case 'b' -> n % 2 == 0;
            case 'z' -> "2026-11-20 23:37:23.795295+00";
            default -> field.substring(2) + n;
        };
    }

    private static JsonObject sorted(JsonObject object) {
        return new JsonObject(new TreeMap<>(object.getMap()));
    }
}

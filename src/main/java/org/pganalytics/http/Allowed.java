package org.pganalytics.http;

import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;

/** Says in a person's words what a schema allows. */
final class Allowed {
    private Allowed() {}

    static String by(JsonObject schema) {
        if (schema.containsKey("enum")) {
            return schema.getJsonArray("enum").stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return switch (String.valueOf(schema.getValue("type"))) {
            case "integer" ->
                "an integer from %s to %s".formatted(schema.getValue("minimum"), schema.getValue("maximum"));
            case "array" ->
                "at most %s times %s".formatted(schema.getValue("maxItems"), by(schema.getJsonObject("items")));
            default -> text(schema);
        };
    }

    private static String text(JsonObject schema) {
        var format = schema.getString("format", "");
        if (format.equals("uuid")) {
            return "a UUID";
        }
        if (format.equals("date-time")) {
            return "a time such as 2026-11-21T08:30:00Z";
        }
        return schema.containsKey("pattern")
                ? "text of the form " + schema.getString("pattern")
                : "text of %s to %s characters".formatted(schema.getValue("minLength"), schema.getValue("maxLength"));
    }
}

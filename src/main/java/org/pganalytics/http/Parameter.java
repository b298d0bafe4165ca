package org.pganalytics.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.time.DateTimeException;
import java.util.List;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** A parameter of path or query, and how its text becomes a value. */
final class Parameter {
    private static final int SHOWN_MAX = 80;

    private final String name;
    private final boolean required;
    private final boolean inPath;
    private final JsonObject schema;
    private final Validator validator;

    Parameter(JsonObject declared, SchemaRepository schemas) {
        this.name = declared.getString("name");
        this.required = declared.getBoolean("required", false);
        this.inPath = "path".equals(declared.getString("in"));
        this.schema = declared.getJsonObject("schema");
        this.validator = schemas.validator(JsonSchema.of(schema));
    }

    String name() {
        return name;
    }

    boolean inPath() {
        return inPath;
    }

    /**
     * Returns the value, or null when there is none. Fails with BAD_REQUEST.
     *
     * @param given as the request says it, decoded; empty when it does not
     */
    Object read(List<String> given) {
        if (given.isEmpty()) {
            if (required) {
                throw Fault.BAD_REQUEST.because("%s is missing, it must be %s".formatted(where(), Allowed.by(schema)));
            }
            return typed(schema.getValue("default"));
        }
        boolean many = "array".equals(schema.getString("type"));
        if (!many && given.size() > 1) {
            throw Fault.BAD_REQUEST.because("%s stands %d times, allowed is once".formatted(where(), given.size()));
        }
        Object value = many ? new JsonArray(List.copyOf(given)) : value(given.get(0));
        if (!validator.validate(value).getValid()) {
            throw refusal(String.join("', '", given));
        }
        return many ? List.copyOf(given) : value;
    }

    private Object value(String text) {
        try {
            if ("date-time".equals(schema.getString("format"))) {
                // The schema's own check lets a time without an offset pass.
                Moment.parse(text);
            }
            return "integer".equals(schema.getString("type")) ? (Object) Long.parseLong(text) : text;
        } catch (NumberFormatException | DateTimeException odd) {
            throw refusal(text);
        }
    }

    private static Object typed(Object fallback) {
        return fallback instanceof Integer number ? Long.valueOf(number) : fallback;
    }

    private FaultException refusal(String text) {
        return Fault.BAD_REQUEST.because("%s = '%s' must be %s".formatted(where(), shown(text), Allowed.by(schema)));
    }

    private String where() {
        return "%s '%s'".formatted(inPath ? "path parameter" : "query parameter", name);
    }

    private static String shown(String text) {
        var safe = text.codePoints()
                .map(point ->
                        Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE ? '?' : point)
                .limit(SHOWN_MAX)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
        return text.length() > SHOWN_MAX ? safe + "…" : safe.toString();
    }
}

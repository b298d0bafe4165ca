package org.pganalytics.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Permission;

/** One operation of the contract. Immutable. */
public final class Operation {
    private static final String JSON = "application/json";

    private final String id;
    private final HttpMethod method;
    private final String path;
    private final List<Parameter> parameters;
    private final Optional<Validator> body;
    private final boolean bodyRequired;
    private final boolean atDoor;
    private final Optional<Permission> permission;
    private final boolean fresh;
    private final boolean anyQuery;

    /** @param declared the operation, its references resolved @param common parameters of its path, or null */
    Operation(String path, String method, JsonObject declared, JsonArray common, SchemaRepository schemas) {
        this.id = declared.getString("operationId");
        this.method = HttpMethod.valueOf(method.toUpperCase(java.util.Locale.ROOT));
        this.path = path;
        this.atDoor = declared.getBoolean("x-door", false);
        // What is streamed through a door is read and judged there.
        this.parameters = atDoor ? List.of() : parameters(declared, common, schemas);
        boolean secured = declared.getJsonArray("security") == null
                || !declared.getJsonArray("security").isEmpty();
        this.permission = Optional.ofNullable(declared.getString("x-permission"))
                .map(key -> Permission.of(key).orElseThrow(() -> odd("has the unknown x-permission " + key)));
        if (permission.isPresent() != (secured && !atDoor)) {
            throw odd("must have an x-permission exactly when people ask it with a token");
        }
        this.fresh = declared.getBoolean("x-fresh", false);
        this.anyQuery = declared.getBoolean("x-any-query", false);
        var asked = declared.getJsonObject("requestBody", new JsonObject());
        this.bodyRequired = asked.getBoolean("required", false);
        this.body = atDoor
                ? Optional.empty()
                : Optional.ofNullable(asked.getJsonObject("content"))
                        .map(content -> content.getJsonObject(JSON).getJsonObject("schema"))
                        .map(schema -> schemas.validator(JsonSchema.of(schema)));
    }

    private IllegalArgumentException odd(String what) {
        return new IllegalArgumentException("the operation %s %s".formatted(id, what));
    }

    private static List<Parameter> parameters(JsonObject declared, JsonArray common, SchemaRepository schemas) {
        var all = new ArrayList<Parameter>();
        for (var some : new JsonArray[] {common, declared.getJsonArray("parameters")}) {
            for (int i = 0; some != null && i < some.size(); i++) {
                all.add(new Parameter(some.getJsonObject(i), schemas));
            }
        }
        return List.copyOf(all);
    }

    public String id() {
        return id;
    }

    public HttpMethod method() {
        return method;
    }

    /** As vertx-web spells it: {@code /a/:b}. */
    public String route() {
        return path.replaceAll("\\{([^}]+)}", ":$1");
    }

    /** Whether a door for collectors takes it by itself, its body unbuffered. */
    public boolean atDoor() {
        return atDoor;
    }

    /** Whether who asks must have proven who they are a short while ago. */
    public boolean wantsFresh() {
        return fresh;
    }

    /** What it takes to ask; empty where no token is asked for, and at doors, which judge by themselves. */
    public Optional<Permission> permission() {
        return permission;
    }

    boolean takesBody() {
        return body.isPresent();
    }

    /** Reads what the request says beside its body. Fails with BAD_REQUEST. */
    Map<String, Object> read(Map<String, String> inPath, Map<String, List<String>> inQuery) {
        var values = new HashMap<String, Object>();
        for (var parameter : parameters) {
            var given = parameter.inPath()
                    ? List.of(inPath.get(parameter.name()))
                    : inQuery.getOrDefault(parameter.name(), List.of());
            var value = parameter.read(given);
            if (value != null) {
                values.put(parameter.name(), value);
            }
        }
        if (!anyQuery) {
            inQuery.keySet().forEach(this::known);
        }
        return values;
    }

    /** A misspelled filter must not look like one that lets everything through. */
    private void known(String name) {
        var names = parameters.stream()
                .filter(one -> !one.inPath())
                .map(Parameter::name)
                .sorted();
        if (parameters.stream().noneMatch(one -> !one.inPath() && one.name().equals(name))) {
            throw Fault.BAD_REQUEST.because("there is a query parameter that this address does not take; it takes: %s"
                    .formatted(names.collect(Collectors.joining(", "))));
        }
    }

    /** Fails with BAD_REQUEST or UNSUPPORTED_MEDIA. @param mediaType as the request says it, or null */
    JsonObject read(String mediaType, io.vertx.core.buffer.Buffer bytes) {
        if (bytes.length() == 0 && !bodyRequired) {
            return new JsonObject();
        }
        if (mediaType == null || !mediaType.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
            throw Fault.UNSUPPORTED_MEDIA.because("the body must be application/json");
        }
        var read = object(bytes);
        var found = body.orElseThrow().validate(read);
        if (!found.getValid()) {
            throw Fault.BAD_REQUEST.because(wrong(found));
        }
        return read;
    }

    private static JsonObject object(io.vertx.core.buffer.Buffer bytes) {
        try {
            return new JsonObject(bytes);
        } catch (RuntimeException odd) {
            throw Fault.BAD_REQUEST.because("the body is not a JSON object", odd);
        }
    }

    /** The last of the findings is the innermost. */
    private static String wrong(OutputUnit found) {
        var errors = Optional.ofNullable(found.getErrors()).orElse(List.of());
        Function<OutputUnit, String> said = unit -> "the body%s: %s; /api/v1/openapi.yaml has its form"
                .formatted(unit.getInstanceLocation().replaceFirst("^#", " at "), unit.getError());
        return errors.isEmpty() ? "the body does not follow its form" : said.apply(errors.get(errors.size() - 1));
    }
}

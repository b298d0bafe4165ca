package org.pganalytics.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** docs/openapi.yaml: which operations the HTTP listener has and what they take. Immutable; reading it is blocking. */
public final class Contract {
    private static final String RESOURCE = "/openapi.yaml";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

    private final Buffer text;
    private final List<Operation> operations;

    private Contract(Buffer text, List<Operation> operations) {
        this.text = text;
        this.operations = List.copyOf(operations);
    }

    /** The one that this program was built with. */
    public static Contract ofClassPath() {
        try (InputStream in = Contract.class.getResourceAsStream(RESOURCE)) {
            return of(Buffer.buffer(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("the contract cannot be read", e);
        }
    }

    static Contract of(Buffer yaml) {
        var document = json(yaml);
        var schemas = SchemaRepository.create(new JsonSchemaOptions()
                .setDraft(Draft.DRAFT202012)
                .setBaseUri("app://contract")
                .setOutputFormat(OutputFormat.Basic));
        schemas.dereference(JsonSchema.of(document));
        var paths = schemas.resolve(document).getJsonObject("paths");
        var operations = new ArrayList<Operation>();
        for (var path : paths.fieldNames()) {
            if (path.startsWith("/")) {
                add(operations, path, paths.getJsonObject(path), schemas);
            }
        }
        return new Contract(yaml, operations);
    }

    private static void add(List<Operation> operations, String path, JsonObject declared, SchemaRepository schemas) {
        for (var method : declared.fieldNames()) {
            if (METHODS.contains(method)) {
                var common = declared.getJsonArray("parameters");
                operations.add(new Operation(path, method, declared.getJsonObject(method), common, schemas));
            }
        }
    }

    /** The file as it was written. */
    public Buffer text() {
        return text;
    }

    public List<Operation> operations() {
        return operations;
    }

    static JsonObject json(Buffer yaml) {
        Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml.toString());
        return (JsonObject) json(document);
    }

    private static Object json(Object yaml) {
        if (yaml instanceof Map<?, ?> map) {
            var object = new LinkedHashMap<String, Object>();
            map.forEach((key, value) -> object.put(String.valueOf(key), json(value)));
            return new JsonObject(object);
        }
        if (yaml instanceof List<?> list) {
            // Lists that can be changed: the reader of schemas wraps what stands in an anyOf.
            return list.stream().map(Contract::json).collect(JsonArray::new, JsonArray::add, JsonArray::addAll);
        }
        return yaml;
    }
}

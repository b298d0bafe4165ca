package org.pganalytics.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** docs/openapi.yaml as a client reads it: tells what an answer has that the contract does not say. */
public final class ContractCheck {
    private static final JsonSchemaOptions OPTIONS = new JsonSchemaOptions()
            .setDraft(Draft.DRAFT202012)
            .setBaseUri("app://check")
            .setOutputFormat(OutputFormat.Basic);

    private final SchemaRepository schemas = SchemaRepository.create(OPTIONS);
    private final Map<String, JsonObject> responsesByOperation;

    private ContractCheck(JsonObject document) {
        schemas.dereference(JsonSchema.of(document));
        var paths = schemas.resolve(document).getJsonObject("paths");
        responsesByOperation = paths.fieldNames().stream()
                .filter(path -> path.startsWith("/"))
                .map(paths::getJsonObject)
                .flatMap(path -> path.stream()
                        .map(Map.Entry::getValue)
                        .filter(JsonObject.class::isInstance)
                        .map(JsonObject.class::cast))
                .filter(operation -> operation.containsKey("operationId"))
                .collect(Collectors.toMap(
                        operation -> operation.getString("operationId"),
                        operation -> operation.getJsonObject("responses")));
    }

    public static ContractCheck ofDocs() throws IOException {
        return new ContractCheck(document());
    }

    static JsonObject document() throws IOException {
        return Contract.json(Buffer.buffer(Files.readAllBytes(Path.of("docs/openapi.yaml"))));
    }

    /** What is wrong with an answer, or empty. */
    public Optional<String> wrong(String operation, int status, String mediaType, String body) {
        var responses = responsesByOperation.get(operation);
        var response = responses.getJsonObject(Integer.toString(status), responses.getJsonObject("default"));
        if (response == null) {
            return Optional.of("%s says nothing of a status %d".formatted(operation, status));
        }
        var content = response.getJsonObject("content");
        if (content == null) {
            return body.isEmpty() ? Optional.empty() : Optional.of("there is a body");
        }
        var media = content.getJsonObject(mediaType);
        if (media == null) {
            return Optional.of("%s says nothing of %s".formatted(operation, mediaType));
        }
        Object value = mediaType.endsWith("json") ? new JsonObject(body) : body;
        var found =
                schemas.validator(JsonSchema.of(media.getJsonObject("schema"))).validate(value);
        return found.getValid() ? Optional.empty() : Optional.of(found.toJson().encode());
    }
}

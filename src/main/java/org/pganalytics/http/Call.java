package org.pganalytics.http;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.model.Principal;

/**
 * A request that follows the contract.
 *
 * @param principal who asks; null where the contract asks for nobody's token
 * @param origin where it comes from
 * @param parameters those of path and query by name, as the contract types them, its defaults included
 * @param body empty when there was none
 */
public record Call(
        Operation operation, Principal principal, Origin origin, Map<String, Object> parameters, JsonObject body) {
    public Call {
        parameters = Map.copyOf(parameters);
    }

    public boolean has(String parameter) {
        return parameters.containsKey(parameter);
    }

    public Optional<String> optional(String parameter) {
        return Optional.ofNullable((String) parameters.get(parameter));
    }

    public String text(String parameter) {
        return optional(parameter).orElseThrow();
    }

    public int integer(String parameter) {
        return Math.toIntExact((Long) parameters.get(parameter));
    }

    public UUID uuid(String parameter) {
        return UUID.fromString(text(parameter));
    }

    public Optional<Instant> time(String parameter) {
        return optional(parameter).map(OffsetDateTime::parse).map(OffsetDateTime::toInstant);
    }

    /** Of a parameter that may stand several times; empty when it does not stand at all. */
    @SuppressWarnings("unchecked")
    public List<String> texts(String parameter) {
        return (List<String>) parameters.getOrDefault(parameter, List.of());
    }

    /** Who asks, as the audit has it. */
    public String actor() {
        return principal.name();
    }
}

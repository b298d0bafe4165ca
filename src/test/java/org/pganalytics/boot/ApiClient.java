package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.pganalytics.http.Contract;
import org.pganalytics.http.ContractCheck;
import org.pganalytics.http.Operation;

/** Asks a server's API, and holds every answer to the contract. */
final class ApiClient {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final Set<String> asked = new TreeSet<>();
    /** What operations answered, by name. */
    final Map<String, Set<Integer>> statuses = new TreeMap<>();

    private final int port;
    private final String token;
    private final ContractCheck check = ContractCheck.ofDocs();
    private final Contract contract = Contract.ofClassPath();

    ApiClient(int port, String token) throws IOException {
        this.port = port;
        this.token = token;
    }

    /** What came back, found to follow the contract. */
    record Answer(int status, String text, HttpResponse<String> response) {
        JsonObject json() {
            return new JsonObject(text);
        }

        String fault() {
            return json().getString("type").replace("urn:pganalytics:fault:", "");
        }

        String detail() {
            return json().getString("detail");
        }
    }

    JsonObject ok(String operation, String... parameters) throws Exception {
        var answer = ask(operation, null, parameters);
        assertEquals(200, answer.status(), answer::text);
        return answer.json();
    }

    Answer ask(String operation, JsonObject body, String... parameters) throws Exception {
        var text = Optional.ofNullable(body).map(JsonObject::encode).orElse("");
        return send(operation, Optional.of(token), text, parameters);
    }

    /** @param parameters names and values; those of the path are put there */
    Answer send(String operation, Optional<String> bearer, String body, String... parameters) throws Exception {
        var headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        bearer.ifPresent(shown -> headers.put("Authorization", "Bearer " + shown));
        return send(operation, headers, body.getBytes(StandardCharsets.UTF_8), parameters);
    }

    /** As a collector asks: with headers of its own, its body any bytes. */
    Answer send(String operation, Map<String, String> headers, byte[] body, String... parameters) throws Exception {
        var found = contract.operations().stream()
                .filter(one -> one.id().equals(operation))
                .findFirst()
                .orElseThrow();
        var request = HttpRequest.newBuilder(address(found, parameters))
                .timeout(Duration.ofSeconds(30))
                .method(found.method().name(), BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return held(operation, HTTP.send(request.build(), BodyHandlers.ofString()));
    }

    /** A new collector. @return what it was given */
    JsonObject register(String secret, String name) throws Exception {
        var body = new JsonObject().put("name", name).put("hostname", name).put("version", "test");
        var headers = Map.of("Content-Type", "application/json", "X-Registration-Secret", secret);
        return send("registerCollector", headers, body.toBuffer().getBytes()).json();
    }

    private Answer held(String operation, HttpResponse<String> response) {
        asked.add(operation);
        statuses.computeIfAbsent(operation, first -> new TreeSet<>()).add(response.statusCode());
        var mediaType = response.headers().firstValue("Content-Type").orElse("");
        assertEquals(
                Optional.empty(),
                check.wrong(operation, response.statusCode(), mediaType, response.body()),
                () -> operation + ": " + response.statusCode() + " " + response.body());
        return new Answer(response.statusCode(), response.body(), response);
    }

    private URI address(Operation operation, String... parameters) {
        var path = operation.route();
        var query = new StringBuilder();
        for (int i = 0; i < parameters.length; i += 2) {
            var value = URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8);
            var place = ":" + parameters[i];
            if (path.contains(place)) {
                path = path.replace(place, value.replace("+", "%20"));
            } else {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(parameters[i])
                        .append('=')
                        .append(value);
            }
        }
        return URI.create("http://127.0.0.1:" + port + path + query);
    }
}

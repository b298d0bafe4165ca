package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes an identity for a collector. */
@Command(
        name = "register",
        description = "Registers a collector with a server and prints its identity, token and refresh secret. An agent"
                + " with a registration secret does this by itself.",
        mixinStandardHelpOptions = true)
final class RegisterCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The server's HTTP address; default ${DEFAULT-VALUE}.")
    private String server;

    @Option(
            names = "--registration-secret",
            paramLabel = "SECRET",
            defaultValue = "${env:PGANALYTICS_REGISTRATION_SECRET}",
            description = "Default: PGANALYTICS_REGISTRATION_SECRET.")
    private String secret;

    @Option(names = "--name", required = true, description = "What the collector is called.")
    private String name;

    @Option(names = "--json", description = "As one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (secret == null || secret.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--registration-secret is missing; PGANALYTICS_REGISTRATION_SECRET is not set either");
        }
        if (!server.matches("https?://[^/].*")) {
            throw new ParameterException(
                    spec.commandLine(), "--server = '%s' must be a URL such as http://host:8080".formatted(server));
        }
        var vertx = Vertx.vertx();
        try {
            tell(Await.result(register(vertx), LIMIT, "the server's answer"));
            return 0;
        } finally {
            Await.result(vertx.close(), LIMIT, "closing");
        }
    }

    private Future<JsonObject> register(Vertx vertx) {
        var client = vertx.createHttpClient();
        var options = new RequestOptions()
                .setAbsoluteURI(server + "/api/v1/collectors/register")
                .setMethod(HttpMethod.POST)
                .putHeader("Content-Type", "application/json")
                .putHeader("X-Registration-Secret", secret);
        var body = new JsonObject().put("name", name).put("version", Version.number());
        return client.request(options)
                .compose(request -> request.send(body.toBuffer())
                        .compose(response -> response.body().map(answer -> registered(response, answer))))
                .recover(failure -> Future.failedFuture(
                        failure instanceof CommandFailure
                                ? failure
                                : new CommandFailure("no answer from %s: %s".formatted(server, failure.getMessage()))))
                .eventually(client::close);
    }

    private static JsonObject registered(HttpClientResponse response, Buffer answer) {
        if (response.statusCode() != 200 && response.statusCode() != 201) {
            throw new CommandFailure("the server refused with " + response.statusCode() + ": " + answer);
        }
        return answer.toJsonObject();
    }

    private void tell(JsonObject identity) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(identity.encode());
        } else {
            out.println("collector      " + identity.getString("collector_id"));
            out.println("token          " + identity.getString("token"));
            out.println("refresh secret " + identity.getString("refresh_secret"));
        }
        out.flush();
    }
}

package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The agent's credentials, kept in a file that only its owner may read. */
public final class StateFiles implements Credentials {
    private final Vertx vertx;
    private final Path file;
    private final String name;
    private final String version;
    private final Optional<String> registrationSecret;
    private Optional<Grant> grant;

    private StateFiles(Vertx vertx, CollectorConfig config, String version, Optional<Grant> grant) {
        this.vertx = vertx;
        this.file = file(config);
        this.name = config.name();
        this.version = version;
        this.registrationSecret = Optional.of(config.registrationSecret()).filter(secret -> !secret.isEmpty());
        this.grant = grant;
    }

    private static Path file(CollectorConfig config) {
        return config.stateDir().resolve("token.json");
    }

    /** Reads what an earlier run kept. */
    public static Future<StateFiles> open(Vertx vertx, CollectorConfig config, String version) {
        return vertx.executeBlocking(() -> {
            PrivateFiles.directory(config.stateDir());
            return new StateFiles(vertx, config, version, read(config));
        });
    }

    /** What an earlier run kept, for who only looks. */
    static Future<Optional<Grant>> kept(Vertx vertx, CollectorConfig config) {
        return vertx.executeBlocking(() -> read(config));
    }

    private static Optional<Grant> read(CollectorConfig config) throws IOException {
        var file = file(config);
        return Files.exists(file) ? Optional.of(parse(new JsonObject(Files.readString(file)))) : Optional.empty();
    }

    private static Grant parse(JsonObject json) {
        return new Grant(
                UUID.fromString(json.getString("collector_id")),
                json.getString("token"),
                json.getString("refresh_secret"),
                json.getLong("obtained_at_ms"),
                json.getLong("lifetime_ms"));
    }

    private static String format(Grant grant) {
        return new JsonObject()
                .put("collector_id", grant.collector().toString())
                .put("token", grant.token())
                .put("refresh_secret", grant.refreshSecret())
                .put("obtained_at_ms", grant.obtainedAtMillis())
                .put("lifetime_ms", grant.lifetimeMillis())
                .encodePrettily();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Optional<String> registrationSecret() {
        return registrationSecret;
    }

    @Override
    public Optional<Grant> grant() {
        return grant;
    }

    @Override
    public Future<Void> keep(Grant fresh) {
        return vertx.<Void>executeBlocking(() -> {
                    PrivateFiles.write(file, format(fresh));
                    return null;
                })
                .onSuccess(written -> grant = Optional.of(fresh));
    }

    @Override
    public Future<Void> forget() {
        return vertx.<Void>executeBlocking(() -> {
                    Files.deleteIfExists(file);
                    return null;
                })
                .onSuccess(gone -> grant = Optional.empty());
    }
}

package org.pganalytics.collector;

import io.vertx.core.Future;
import java.util.Optional;

final class MemoryCredentials implements Credentials {
    volatile Optional<Grant> grant = Optional.empty();
    volatile Optional<String> secret = Optional.of("a-registration-secret");

    @Override
    public String name() {
        return "test";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Optional<String> registrationSecret() {
        return secret;
    }

    @Override
    public Optional<Grant> grant() {
        return grant;
    }

    @Override
    public Future<Void> keep(Grant fresh) {
        grant = Optional.of(fresh);
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> forget() {
        grant = Optional.empty();
        return Future.succeededFuture();
    }
}

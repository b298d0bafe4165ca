package org.pganalytics.collector;

import io.vertx.core.Future;
import java.util.Optional;

/** Credentials with a certificate besides. */
final class CertifiedCredentials implements Credentials {
    private final Credentials credentials;
    private final CertificateKeeper keeper;

    CertifiedCredentials(Credentials credentials, CertificateKeeper keeper) {
        this.credentials = credentials;
        this.keeper = keeper;
    }

    @Override
    public String name() {
        return credentials.name();
    }

    @Override
    public String version() {
        return credentials.version();
    }

    @Override
    public Optional<String> registrationSecret() {
        return credentials.registrationSecret();
    }

    @Override
    public Optional<Grant> grant() {
        return credentials.grant();
    }

    @Override
    public Future<Void> keep(Grant grant) {
        return credentials.keep(grant);
    }

    @Override
    public Future<Void> forget() {
        return credentials.forget();
    }

    @Override
    public Future<Boolean> certify() {
        return keeper.certify();
    }
}

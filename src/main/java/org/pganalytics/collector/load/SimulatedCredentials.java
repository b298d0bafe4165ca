package org.pganalytics.collector.load;

import io.vertx.core.Future;
import java.util.Optional;
import org.pganalytics.collector.Credentials;
import org.pganalytics.collector.Grant;

/** A simulated collector's grant, in memory; each registration is journalled before it is used. One event loop. */
final class SimulatedCredentials implements Credentials {
    private static final String VERSION = "load";

    private final int number;
    private final String registrationSecret;
    private final LoadShared shared;
    private Grant grant;

    SimulatedCredentials(int number, String registrationSecret, LoadShared shared) {
        this.number = number;
        this.registrationSecret = registrationSecret;
        this.shared = shared;
    }

    @Override
    public String name() {
        return FleetNames.collector(number);
    }

    @Override
    public String version() {
        return VERSION;
    }

    @Override
    public Optional<String> registrationSecret() {
        return Optional.of(registrationSecret);
    }

    @Override
    public Optional<Grant> grant() {
        return Optional.ofNullable(grant);
    }

    @Override
    public Future<Void> keep(Grant newGrant) {
        boolean known = grant != null && grant.collector().equals(newGrant.collector());
        grant = newGrant;
        if (known) {
            return Future.succeededFuture();
        }
        shared.counters().registrations.increment();
        return shared.journal().add(new JournalEntry.Registered(number, newGrant.collector()));
    }

    @Override
    public Future<Void> forget() {
        grant = null;
        return Future.succeededFuture();
    }
}

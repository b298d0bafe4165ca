package org.pganalytics.collector;

import io.vertx.core.Future;
import java.util.Optional;

/** Who a collector is and how it may prove it; used on the link's event loop. */
public interface Credentials {
    /** The name to register under. */
    String name();

    /** The agent's version, for people. */
    String version();

    /** Empty when this collector may not register by itself. */
    Optional<String> registrationSecret();

    Optional<Grant> grant();

    /** Keeps a grant durably; completes before it is used. */
    Future<Void> keep(Grant grant);

    /** Forgets the grant: the server does not know the collector, which registers anew. */
    Future<Void> forget();

    /**
     * Gets a certificate where there is none yet, or another one where the one that was shown was refused. Never fails.
     *
     * @return whether another one is shown from the next connection on
     */
    default Future<Boolean> certify() {
        return Future.succeededFuture(false);
    }
}

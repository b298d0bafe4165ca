package org.pganalytics.identity.oidc;

import io.vertx.core.Future;
import java.util.Optional;
import org.pganalytics.identity.federation.FederatedPerson;
import org.pganalytics.identity.federation.Ticket;

/** Somebody who says who people are, once they were there with their browser. */
interface PersonSource {
    /** Where the browser goes. Fails with DIRECTORY_DOWN. */
    Future<String> address(Ticket ticket);

    /**
     * Who it is. Fails with UNAUTHENTICATED when that is not proven, FORBIDDEN and DIRECTORY_DOWN.
     *
     * @param issuer what the browser brought as the name of who sent it (RFC 9207)
     */
    Future<FederatedPerson> person(Ticket ticket, String code, Optional<String> issuer);
}

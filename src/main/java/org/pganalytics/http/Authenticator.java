package org.pganalytics.http;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import org.pganalytics.model.Principal;

/** Says who a request comes from. */
@FunctionalInterface
public interface Authenticator {
    /** Fails with UNAUTHENTICATED or RATE_LIMITED; what the principal may do is for the caller to judge. */
    Future<Principal> authenticate(RoutingContext ctx);
}

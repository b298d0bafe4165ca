package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.BearerToken;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.model.CollectorPrincipal;

/** Says which collector a request comes from, by its token. */
public final class SignIn {
    private final Corridor corridor;
    private final ClientAddress addresses;

    public SignIn(Corridor corridor, ClientAddress addresses) {
        this.corridor = corridor;
        this.addresses = addresses;
    }

    public Future<CollectorPrincipal> collector(RoutingContext ctx) {
        return corridor.signIn(() -> BearerToken.of(ctx.request()), addresses.of(ctx))
                .map(this::unlessRevoked);
    }

    private CollectorPrincipal unlessRevoked(CollectorPrincipal principal) throws FaultException {
        if (!corridor.current().test(principal)) {
            throw Fault.REVOKED.because("collector %s was revoked".formatted(principal.collector()));
        }
        return principal;
    }
}

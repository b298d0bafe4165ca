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
        var address = addresses.of(ctx);
        return Future.<Void>succeededFuture()
                .compose(begin -> {
                    var token = BearerToken.of(ctx.request());
                    if (!corridor.doorkeeper().knows(token)) {
                        corridor.strangers().check(address);
                    }
                    return corridor.doorkeeper().authenticate(token);
                })
                .map(this::unlessRevoked)
                .onFailure(failure -> {
                    if (Fault.of(failure) == Fault.UNAUTHENTICATED) {
                        corridor.strangers().failed(address);
                    }
                });
    }

    private CollectorPrincipal unlessRevoked(CollectorPrincipal principal) throws FaultException {
        if (!corridor.current().test(principal)) {
            throw Fault.REVOKED.because("collector %s was revoked".formatted(principal.collector()));
        }
        return principal;
    }
}

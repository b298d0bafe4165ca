package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.BearerToken;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.ingest.DoorEntrance;
import org.pganalytics.model.CollectorPrincipal;

/** Says which collector a request comes from: by its token, and by its certificate where the listener asks for one. */
public final class SignIn {
    private final Corridor corridor;
    private final ClientAddress addresses;
    private final DoorEntrance entrance;

    public SignIn(Corridor corridor, ClientAddress addresses, DoorEntrance entrance) {
        this.corridor = corridor;
        this.addresses = addresses;
        this.entrance = entrance;
    }

    public Future<CollectorPrincipal> collector(RoutingContext ctx) {
        return byToken(ctx).map(principal -> certified(principal, ctx));
    }

    private CollectorPrincipal certified(CollectorPrincipal principal, RoutingContext ctx) {
        entrance.requireCertificate(principal, ctx.request().sslSession(), addresses.of(ctx));
        return principal;
    }

    /** For one that may have no certificate yet. */
    Future<CollectorPrincipal> byToken(RoutingContext ctx) {
        return corridor.signIn(() -> BearerToken.of(ctx.request()), addresses.of(ctx))
                .map(corridor::unlessRevoked);
    }

    /** What a push does not carry: who overhears one, or reads a log of one, has the token and not this. */
    Future<Void> confirm(CollectorPrincipal principal, String refreshSecret, RoutingContext ctx) {
        var address = addresses.of(ctx);
        return corridor.doorkeeper()
                .confirm(principal.collector(), refreshSecret, address)
                .onFailure(failure -> {
                    if (failure instanceof FaultException refusal) {
                        entrance.refused(address, refusal);
                    }
                });
    }
}

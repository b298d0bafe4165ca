package org.pganalytics.ingest.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.pganalytics.tls.ListenerSecurity;

/** Whom a request comes from: the peer, or whom a balancer of ours names. */
public final class ClientAddress {
    private final ListenerSecurity security;

    public ClientAddress(ListenerSecurity security) {
        this.security = security;
    }

    public String of(RoutingContext ctx) {
        return of(ctx.request());
    }

    /** Whether a balancer of ours stands between: it answers in our place when we do not. */
    public boolean isBalanced(RoutingContext ctx) {
        return security.isBalancer(ctx.request().remoteAddress().hostAddress());
    }

    /** The last entry of X-Forwarded-For is the one our balancer wrote; those before it are what the client claims. */
    String of(HttpServerRequest request) {
        var peer = request.remoteAddress().hostAddress();
        var forwarded = security.isBalancer(peer) ? request.getHeader("X-Forwarded-For") : null;
        return forwarded == null
                ? peer
                : forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
    }
}

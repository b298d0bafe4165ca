package org.pganalytics.ingest.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.tls.ListenerSecurity;

/** Whom a request comes from: the peer, or whom a balancer of ours names. */
public final class ClientAddress {
    private final ListenerSecurity security;
    private final boolean isNamedBefore;

    /** @param proxies where some name their clients by the PROXY protocol, no header of HTTP is believed besides */
    public ClientAddress(ListenerSecurity security, ProxyConfig proxies) {
        this.security = security;
        this.isNamedBefore = !proxies.isOff();
    }

    public String of(RoutingContext ctx) {
        return of(ctx.request());
    }

    /** Whether a balancer of ours stands between: it answers in our place when we do not. */
    public boolean isBalanced(RoutingContext ctx) {
        return isBalancer(ctx.request().remoteAddress().hostAddress());
    }

    /** Behind a PROXY header the peer is the client, who may be in the balancers' network. */
    private boolean isBalancer(String peer) {
        return !isNamedBefore && security.isBalancer(peer);
    }

    /**
     * The last entry of X-Forwarded-For, in the last of its lines, is the one our balancer wrote; those before it are what
     * the client claims.
     */
    String of(HttpServerRequest request) {
        var peer = request.remoteAddress().hostAddress();
        var forwarded = request.headers().getAll("X-Forwarded-For");
        if (forwarded.isEmpty() || !isBalancer(peer)) {
            return peer;
        }
        var last = forwarded.get(forwarded.size() - 1);
        return address(last.substring(last.lastIndexOf(',') + 1).strip()).orElse(peer);
    }

    /** Some balancers write the port, too: 192.0.2.7:4711 or [2001:db8::7]:4711. */
    private static Optional<String> address(String entry) {
        var bare = entry.matches("\\[.*](:\\d+)?") ? entry.substring(1, entry.indexOf(']')) : entry;
        var alone = bare.indexOf(':') == bare.lastIndexOf(':') ? bare.split(":", 2)[0] : bare;
        return Optional.of(alone).filter(address -> NetUtil.createByteArrayFromIpAddressString(address) != null);
    }
}

package org.pganalytics.collector;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The ways to the servers, in the order in which they are tried. */
final class Routes {
    private final Vertx vertx;
    private final LinkConfig config;
    private final Credentials credentials;
    private final BatchSource source;
    private final ServedConfig served;
    private final ServerClients clients;

    Routes(
            Vertx vertx,
            LinkConfig config,
            Credentials credentials,
            BatchSource source,
            ServedConfig served,
            ServerClients clients) {
        this.vertx = vertx;
        this.config = config;
        this.credentials = credentials;
        this.source = source;
        this.served = served;
        this.clients = clients;
    }

    List<Supplier<Link>> to(List<ServerConfig> servers) {
        var routes = new ArrayList<Supplier<Link>>();
        for (var server : servers) {
            if (server.tcpPort() > 0) {
                var client = clients.tcp(server);
                routes.add(() -> tcp(client, server));
            }
            if (server.httpPort() > 0) {
                var client = clients.http(server);
                routes.add(() -> http(client, server));
            }
        }
        return routes;
    }

    private Link tcp(NetClient client, ServerConfig server) {
        var address = SocketAddress.inetSocketAddress(server.tcpPort(), server.host());
        return new TcpLink(vertx, client, address, config, credentials, source, Clock.systemUTC()).pulling(served);
    }

    private Link http(HttpClient client, ServerConfig server) {
        var address = new RequestOptions()
                .setHost(server.host())
                .setPort(server.httpPort())
                .setSsl(server.tls());
        return new HttpLink(vertx, client, address, HttpForm.ofFrames(), config, credentials, source, Clock.systemUTC())
                .pulling(served);
    }
}

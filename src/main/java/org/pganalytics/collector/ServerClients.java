package org.pganalytics.collector;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import java.util.Set;

/** How servers are connected to, over TCP and HTTP alike. */
final class ServerClients {
    private final Vertx vertx;
    private final int connectMillis;

    ServerClients(Vertx vertx, Duration connectTimeout) {
        this.vertx = vertx;
        this.connectMillis = (int) connectTimeout.toMillis();
    }

    NetClient tcp(ServerConfig server) {
        var options = new NetClientOptions().setConnectTimeout(connectMillis).setTcpNoDelay(true);
        options.setHostnameVerificationAlgorithm(server.verifyHost() ? "HTTPS" : "");
        secure(options, server);
        return vertx.createNetClient(options);
    }

    HttpClient http(ServerConfig server) {
        var options = new HttpClientOptions().setConnectTimeout(connectMillis).setVerifyHost(server.verifyHost());
        secure(options, server);
        return vertx.createHttpClient(options);
    }

    private static void secure(ClientOptionsBase options, ServerConfig server) {
        if (server.tls()) {
            options.setSsl(true).setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"));
            if (!server.certificates().isEmpty()) {
                options.setTrustOptions(new PemTrustOptions().addCertPath(server.certificates()));
            }
        }
    }
}

package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.pganalytics.tls.Ciphers;

/** How servers are connected to, over TCP and HTTP alike, and which certificate they are shown. Lives on one event loop. */
final class ServerClients {
    private final Vertx vertx;
    private final int connectMillis;
    private final Map<Object, Consumer<ClientSSLOptions>> clients = new IdentityHashMap<>();
    private final Map<Object, ClientSSLOptions> options = new IdentityHashMap<>();
    private Optional<PemKeyCertOptions> certificate = Optional.empty();

    ServerClients(Vertx vertx, Duration connectTimeout) {
        this.vertx = vertx;
        this.connectMillis = (int) connectTimeout.toMillis();
    }

    NetClient tcp(ServerConfig server) {
        var options = new NetClientOptions().setConnectTimeout(connectMillis).setTcpNoDelay(true);
        options.setHostnameVerificationAlgorithm(server.verifyHost() ? "HTTPS" : "");
        secure(options, server);
        var client = vertx.createNetClient(options);
        made(client, server, options, client::updateSSLOptions);
        return client;
    }

    HttpClientAgent http(ServerConfig server) {
        var options = new HttpClientOptions().setConnectTimeout(connectMillis).setVerifyHost(server.verifyHost());
        secure(options, server);
        var client = vertx.createHttpClient(options);
        made(client, server, options, client::updateSSLOptions);
        return client;
    }

    private void made(Object client, ServerConfig server, ClientOptionsBase said, Consumer<ClientSSLOptions> update) {
        if (server.tls()) {
            clients.put(client, update);
            options.put(client, said.getSslOptions());
        }
    }

    Future<Void> close(HttpClient client) {
        forget(client);
        return client.close();
    }

    Future<Void> close(NetClient client) {
        forget(client);
        return client.close();
    }

    private void forget(Object client) {
        clients.remove(client);
        options.remove(client);
    }

    /** From the next connection on; a client over HTTP opens one for its next request. */
    void show(Optional<PemKeyCertOptions> other) {
        certificate = other;
        clients.forEach((client, update) -> {
            var with = options.get(client).copy();
            with.setKeyCertOptions(other.orElse(null));
            update.accept(with);
        });
    }

    private void secure(ClientOptionsBase options, ServerConfig server) {
        if (server.tls()) {
            options.setSsl(true).setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"));
            Ciphers.MODERN.forEach(options::addEnabledCipherSuite);
            certificate.ifPresent(options::setKeyCertOptions);
            if (!server.certificates().isEmpty()) {
                options.setTrustOptions(new PemTrustOptions().addCertPath(server.certificates()));
            }
        }
    }
}

package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pganalytics.fault.Fault;

/**
 * Looks whether a server can be sent to, and takes nothing there: no registration, no position, no renewed token. Used once,
 * on one event loop.
 */
public final class ServerCheck {
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_MODIFIED = 304;

    private final Vertx vertx;
    private final CollectorConfig config;
    private final ServerConfig server;
    private final ServerClients clients;
    private final List<Finding> findings = new ArrayList<>();

    /** @param server one of the configuration's */
    public ServerCheck(Vertx vertx, CollectorConfig config, ServerConfig server) {
        this.vertx = vertx;
        this.config = config;
        this.server = server;
        this.clients = new ServerClients(vertx, config.link().connectTimeout());
    }

    /** Never fails: what goes wrong is a finding. */
    public Future<List<Finding>> run() {
        return CertificateKeeper.kept(vertx, config, Clock.systemUTC())
                .recover(this::withoutCertificate)
                .onSuccess(clients::show)
                .compose(shown -> StateFiles.kept(vertx, config))
                .compose(grant -> {
                    registration(grant);
                    return tcp().compose(done -> http(grant));
                })
                .recover(failure ->
                        problem("registration", failure, "let the agent's user read token.json in state.dir"))
                .map(done -> List.copyOf(findings));
    }

    /** The rest is looked at all the same. */
    private Future<Optional<PemKeyCertOptions>> withoutCertificate(Throwable failure) {
        return problem(
                        "certificate",
                        failure,
                        config.certificate().from() == CertificateConfig.From.FILES
                                ? "mend certificate.file and certificate.key"
                                : "let the agent's user read certificate.json in state.dir; one that is damaged is replaced"
                                        + " at the next start")
                .map(Optional.empty());
    }

    private Future<Void> problem(String subject, Throwable failure, String remedy) {
        findings.add(Finding.problem(subject, FailureText.of(failure), remedy));
        return Future.succeededFuture();
    }

    private void registration(Optional<Grant> grant) {
        if (grant.isPresent()) {
            boolean over = grant.get().isOver(Clock.systemUTC().millis());
            findings.add(Finding.good(
                    "registration",
                    "registered as %s%s"
                            .formatted(
                                    grant.get().collector(),
                                    over ? "; its token is past its life and renewed at the first contact" : "")));
        } else if (config.registrationSecret().isEmpty()) {
            findings.add(Finding.problem(
                    "registration",
                    "the collector is not registered and has no registration secret",
                    "./pganalytics collector secret add NAME there, registration.secret or secret-file here"));
        } else {
            findings.add(Finding.good("registration", "not yet; whether the secret is good is seen when it registers"));
        }
    }

    private Future<Void> tcp() {
        if (server.tcpPort() == 0) {
            return Future.succeededFuture();
        }
        return clients.tcp(server)
                .connect(server.tcpPort(), server.host())
                .compose(this::connected)
                .recover(failure -> problem("tcp", failure, wayTo("tcp-port", failure)));
    }

    private Future<Void> connected(NetSocket socket) {
        if (server.tls()) {
            findings.add(Finding.good("tcp", "reachable, " + socket.sslSession().getProtocol()));
        } else if (isNear(socket.remoteAddress())) {
            findings.add(Finding.good("tcp", "reachable, without TLS on this machine"));
        } else {
            findings.add(Finding.warning(
                    "tcp",
                    "reachable; what is sent, the token included, crosses the network in the clear",
                    "tls = true here, and a certificate on the server or the balancer before it"));
        }
        return socket.close();
    }

    private static boolean isNear(SocketAddress address) {
        var host = String.valueOf(address.hostAddress());
        return host.startsWith("127.") || host.equals("0:0:0:0:0:0:0:1") || host.equals("::1");
    }

    private Future<Void> http(Optional<Grant> grant) {
        if (server.httpPort() == 0) {
            return Future.succeededFuture();
        }
        var token =
                grant.filter(kept -> !kept.isOver(Clock.systemUTC().millis())).map(Grant::token);
        return ask(token)
                .onSuccess(answer -> answered(answer, token.isPresent()))
                .<Void>mapEmpty()
                .recover(failure -> problem("http", failure, wayTo("http-port", failure)));
    }

    private Future<HttpAnswer> ask(Optional<String> token) {
        var options = new RequestOptions()
                .setHost(server.host())
                .setPort(server.httpPort())
                .setSsl(server.tls())
                .setMethod(HttpMethod.GET)
                .setURI(HttpPull.PATH)
                .setIdleTimeout(config.link().answerTimeout().toMillis());
        token.ifPresent(shown -> options.putHeader("Authorization", "Bearer " + shown));
        return clients.http(server)
                .request(options)
                .compose(request -> request.send()
                        .compose(response ->
                                HttpAnswer.read(vertx, response, config.link().answerTimeout())));
    }

    private void answered(HttpAnswer answer, boolean withToken) {
        if (answer.status() == UNAUTHORIZED && answer.isOurs()) {
            findings.add(withToken ? refused(answer) : Finding.good("http", "reachable"));
        } else if (withToken && (answer.isGood() || answer.status() == NOT_MODIFIED)) {
            findings.add(Finding.good("http", "reachable, and the token holds"));
        } else if (answer.fault() == Fault.CERTIFICATE_REFUSED) {
            findings.add(Finding.warning(
                    "http",
                    "reachable, and wants a certificate: " + answer.detail(),
                    "the agent gets one at its first contact; with certificate.from = files, mend these"));
        } else {
            findings.add(Finding.problem(
                    "http",
                    "it answers %d: %s".formatted(answer.status(), answer.detail()),
                    "mend host and http-port; a balancer must pass all of /api/v1 on"));
        }
    }

    private Finding refused(HttpAnswer answer) {
        return config.registrationSecret().isEmpty()
                ? Finding.problem(
                        "http",
                        "reachable, and does not take the kept token: " + answer.detail(),
                        "./pganalytics collector list there; when it is revoked or gone, register it anew")
                : Finding.warning(
                        "http",
                        "reachable, and does not take the kept token: " + answer.detail(),
                        "it is renewed at the first contact; see ./pganalytics collector list when it was revoked");
    }

    private String wayTo(String port, Throwable failure) {
        var said = FailureText.of(failure);
        if (said.contains("SSL") || said.contains("certif") || said.contains("PKIX")) {
            return "let the server speak TLS with a certificate for %s by the authority that certificates names"
                    .formatted(server.host());
        }
        return server.tls() && said.contains("closed")
                ? "tls = false here, or TLS there"
                : "start the server, mend host and %s, or open the way: firewall".formatted(port);
    }
}

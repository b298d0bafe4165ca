package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.tls.CertificateRequests;
import org.pganalytics.wire.Frame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks servers for a certificate over HTTP or TCP with TLS, one after the other. Each time with a new key. */
final class CertificateOffice {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateOffice.class);
    private static final String PATH = "/api/v1/collectors/certificate";
    private static final Duration NOT_OFFERED = Duration.ofHours(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Vertx vertx;
    private final CollectorConfig config;
    private final ServerClients clients;
    private final List<Desk> desks;
    private final Clock clock;
    private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, ThreadLocalRandom.current());

    CertificateOffice(Vertx vertx, CollectorConfig config, ServerClients clients, Clock clock) {
        this.vertx = vertx;
        this.config = config;
        this.clients = clients;
        this.desks = config.servers().stream()
                .filter(ServerConfig::tls)
                .flatMap(this::desks)
                .toList();
        this.clock = clock;
    }

    /** Where it can be asked for: what a server answers to the grant's secrets and a PKCS #10 request in PEM. */
    private interface Desk {
        Future<IssuedCertificate> ask(Grant grant, String request);
    }

    private Stream<Desk> desks(ServerConfig server) {
        var ways = Stream.<Desk>builder();
        if (server.httpPort() > 0) {
            ways.add((grant, request) -> overHttp(server, grant, request));
        }
        if (server.tcpPort() > 0) {
            ways.add((grant, request) -> overTcp(server, grant, request));
        }
        return ways.build();
    }

    /** Fails with NOT_FOUND only where no server certifies collectors. */
    Future<KeptCertificate> ask(Grant grant) {
        if (desks.isEmpty()) {
            return Future.failedFuture(Fault.NOT_FOUND.because("no server is reached over TLS"));
        }
        return vertx.executeBlocking(CertificateRequests::newKey)
                .compose(keys -> askAll(grant, CertificateRequests.request(keys, config.name()))
                        .map(issued -> new KeptCertificate(
                                grant.collector(),
                                issued.certificate(),
                                CertificateRequests.keyText(keys),
                                clock.millis(),
                                issued.lifetimeMillis())));
    }

    /** That there is none is believed only when all say so; else the first one that may yet give one is heard. */
    private Future<IssuedCertificate> askAll(Grant grant, String request) {
        var answer = desks.get(0).ask(grant, request);
        for (var next : desks.subList(1, desks.size())) {
            answer = answer.recover(before -> next.ask(grant, request)
                    .recover(failure -> Future.failedFuture(isNoOffer(before) ? failure : before)));
        }
        return answer;
    }

    private Future<IssuedCertificate> overTcp(ServerConfig server, Grant grant, String request) {
        var client = clients.tcp(server);
        var question = new Frame.Certify(grant.token(), grant.refreshSecret(), request);
        return new TcpCertification(client, question)
                .ask(
                        SocketAddress.inetSocketAddress(server.tcpPort(), server.host()),
                        config.link().answerTimeout())
                .eventually(() -> clients.close(client));
    }

    private Future<IssuedCertificate> overHttp(ServerConfig server, Grant grant, String request) {
        var body = new JsonObject().put("request", request).put("refresh_secret", grant.refreshSecret());
        var longest = config.link().answerTimeout();
        var options = new RequestOptions()
                .setHost(server.host())
                .setPort(server.httpPort())
                .setSsl(true)
                .setMethod(HttpMethod.POST)
                .setURI(PATH)
                .setIdleTimeout(longest.toMillis())
                .putHeader("Authorization", "Bearer " + grant.token())
                .putHeader("Content-Type", "application/json");
        var client = clients.http(server);
        return client.request(options)
                .compose(opened -> opened.send(body.toBuffer()))
                .compose(response -> HttpAnswer.read(vertx, response, longest))
                .compose(answer ->
                        answer.isGood() ? Future.succeededFuture(answer) : Future.failedFuture(answer.refusal()))
                .map(answer ->
                        new IssuedCertificate(answer.text("certificate"), 1_000 * answer.number("expires_in", 0)))
                .eventually(() -> clients.close(client));
    }

    /** Whether it says that there is none for this collector, not that there is none now. */
    static boolean isNoOffer(Throwable failure) {
        var fault = Fault.of(failure);
        return fault == Fault.NOT_FOUND || fault == Fault.COLLECTOR_UNKNOWN;
    }

    /** When to ask again; says why there is no certificate. A fleet does not come at one moment. */
    Duration comeAgainAfter(Throwable failure) {
        if (isNoOffer(failure)) {
            LOG.debug("no certificate: {}", FailureText.of(failure));
            return NOT_OFFERED;
        }
        LOG.warn("no new certificate could be had: {}", FailureText.of(failure));
        var asked = failure instanceof FaultException refusal ? refusal.retryAfter() : Optional.<Duration>empty();
        return pauses.next(asked.orElse(Duration.ZERO));
    }

    /** The next failure is the first again. */
    void obtained() {
        pauses.reset();
    }
}

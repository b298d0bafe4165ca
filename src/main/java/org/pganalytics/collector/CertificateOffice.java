package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.tls.CertificateRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks servers for a certificate: over HTTP and TLS, one after the other. Each time with a new key. */
final class CertificateOffice {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateOffice.class);
    private static final String PATH = "/api/v1/collectors/certificate";
    private static final Duration NOT_OFFERED = Duration.ofHours(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Vertx vertx;
    private final CollectorConfig config;
    private final ServerClients clients;
    private final List<ServerConfig> servers;
    private final Clock clock;
    private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, ThreadLocalRandom.current());

    CertificateOffice(Vertx vertx, CollectorConfig config, ServerClients clients, Clock clock) {
        this.vertx = vertx;
        this.config = config;
        this.clients = clients;
        this.servers = config.servers().stream()
                .filter(server -> server.tls() && server.httpPort() > 0)
                .toList();
        this.clock = clock;
    }

    /** Fails with NOT_FOUND only where no server certifies collectors. */
    Future<KeptCertificate> ask(Grant grant) {
        if (servers.isEmpty()) {
            return Future.failedFuture(Fault.NOT_FOUND.because("no server is reached over HTTP with TLS"));
        }
        return vertx.executeBlocking(CertificateRequests::newKey).compose(keys -> {
            var body = new JsonObject()
                    .put("request", CertificateRequests.request(keys, config.name()))
                    .put("refresh_secret", grant.refreshSecret());
            return ask(grant, body)
                    .map(answer -> new KeptCertificate(
                            grant.collector(),
                            answer.text("certificate"),
                            CertificateRequests.keyText(keys),
                            clock.millis(),
                            1_000 * answer.number("expires_in", 0)));
        });
    }

    /** That there is none is believed only when all say so; else the first one that may yet give one is heard. */
    private Future<HttpAnswer> ask(Grant grant, JsonObject body) {
        var answer = ask(servers.get(0), grant, body);
        for (var next : servers.subList(1, servers.size())) {
            answer = answer.recover(before -> ask(next, grant, body)
                    .recover(failure -> Future.failedFuture(isNoOffer(before) ? failure : before)));
        }
        return answer;
    }

    private Future<HttpAnswer> ask(ServerConfig server, Grant grant, JsonObject body) {
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
                .compose(request -> request.send(body.toBuffer()))
                .compose(response -> HttpAnswer.read(vertx, response, longest))
                .compose(answer ->
                        answer.isGood() ? Future.succeededFuture(answer) : Future.failedFuture(answer.refusal()))
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

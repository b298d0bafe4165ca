package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.BodyLimit;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.CertificateRequests;

/**
 * Gives a collector its certificate: for the token that says who it is, the refresh secret that a stolen token lacks, and a
 * request that proves that it has the key. It need show no certificate for that, else one that lost its own had no way
 * back. Made once; mounted on each event loop.
 */
public final class CertificateRoutes {
    private static final int BODY_BYTES_MAX = 2 * CertificateRequests.LENGTH_MAX;
    private static final Duration ONE_AT_A_TIME = Duration.ofSeconds(1);

    private final Optional<Authority> authority;
    private final SignIn signIn;
    private final Bus bus;
    private final ClientAddress addresses;
    private final BodyLimit body;
    private final Set<UUID> asking = ConcurrentHashMap.newKeySet();
    private final RecentCertificates recent = new RecentCertificates(System::nanoTime);
    /** One thread: signing must not take the cores from those who push. */
    private final WorkerExecutor worker;

    /**
     * @param authority empty where the server certifies nobody
     * @param bodyTime longest that a body may take to arrive
     */
    public CertificateRoutes(
            Vertx vertx,
            Optional<Authority> authority,
            SignIn signIn,
            Bus bus,
            ClientAddress addresses,
            Duration bodyTime) {
        this.authority = authority;
        this.signIn = signIn;
        this.bus = bus;
        this.addresses = addresses;
        this.body = new BodyLimit(BODY_BYTES_MAX, bodyTime);
        this.worker = vertx.createSharedWorkerExecutor("certificates", 1);
    }

    public void mount(Router router) {
        router.post("/api/v1/collectors/certificate").handler(this::certify);
    }

    private void certify(RoutingContext ctx) {
        // Nobody may fill our memory before we know who it is.
        ctx.request().pause();
        signIn.byToken(ctx)
                .compose(principal -> alone(principal, ctx))
                .onSuccess(issued -> answer(ctx, issued))
                .onFailure(ctx::fail);
    }

    /** One request of a collector at a time, and a rest after each certificate: each costs a signature and an audit row. */
    private Future<Authority.Issued> alone(CollectorPrincipal principal, RoutingContext ctx) {
        var issuing = authority.orElseThrow(() -> Fault.NOT_FOUND.because(
                "this server certifies no collectors: tls.ca.certificate and tls.ca.key are not set"));
        var collector = principal.collector();
        recent.left(collector).ifPresent(left -> {
            throw Fault.RATE_LIMITED
                    .because("this collector was given a certificate a moment ago")
                    .retryAfter(left);
        });
        if (!asking.add(collector)) {
            throw Fault.RATE_LIMITED
                    .because("another request of this collector for a certificate is under way")
                    .retryAfter(ONE_AT_A_TIME);
        }
        return Future.<Void>succeededFuture()
                .compose(begin -> body.read(ctx))
                .map(CertificateRoutes::json)
                .compose(asked ->
                        signIn.confirm(principal, refreshSecret(asked), ctx).map(request(asked)))
                .compose(request ->
                        worker.executeBlocking(() -> issuing.certify(request, collector, principal.name()), false))
                .onSuccess(issued -> recent.issued(collector, issued.lifetime()))
                .onComplete(done -> asking.remove(collector))
                .onSuccess(issued -> bus.publish(new Event.CollectorCertified(
                        collector, issued.serial(), issued.expiresAt(), addresses.of(ctx))));
    }

    private static JsonObject json(Buffer bytes) {
        try {
            return new JsonObject(bytes);
        } catch (DecodeException | ClassCastException odd) {
            throw Fault.BAD_REQUEST.because("the body is not a JSON object", odd);
        }
    }

    private static String request(JsonObject asked) {
        if (asked.getValue("request") instanceof String request) {
            return request;
        }
        throw Fault.BAD_REQUEST.because("'request' is missing or not a string: a PKCS #10 request in PEM");
    }

    private static String refreshSecret(JsonObject asked) {
        if (asked.getValue("refresh_secret") instanceof String secret) {
            return secret;
        }
        throw Fault.UNAUTHENTICATED.because(
                "'refresh_secret' is missing or not a string: a token alone gets no certificate");
    }

    private static void answer(RoutingContext ctx, Authority.Issued issued) {
        ctx.response().putHeader("Cache-Control", "no-store");
        ctx.json(new JsonObject()
                .put("certificate", issued.pem())
                .put("serial", issued.serial())
                .put("expires_at", issued.expiresAt().toString())
                .put("expires_in", issued.lifetime().toSeconds()));
    }
}

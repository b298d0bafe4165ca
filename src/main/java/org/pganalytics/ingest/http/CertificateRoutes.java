package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.BodyLimit;
import org.pganalytics.ingest.CertificateDesk;
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

    private final CertificateDesk desk;
    private final SignIn signIn;
    private final ClientAddress addresses;
    private final BodyLimit body;

    /** @param bodyTime longest that a body may take to arrive */
    public CertificateRoutes(CertificateDesk desk, SignIn signIn, ClientAddress addresses, Duration bodyTime) {
        this.desk = desk;
        this.signIn = signIn;
        this.addresses = addresses;
        this.body = new BodyLimit(BODY_BYTES_MAX, bodyTime);
    }

    public void mount(Router router) {
        router.post("/api/v1/collectors/certificate").handler(this::certify);
    }

    private void certify(RoutingContext ctx) {
        // Nobody may fill our memory before we know who it is.
        ctx.request().pause();
        signIn.byToken(ctx)
                .compose(principal -> desk.certify(principal, () -> proven(principal, ctx), addresses.of(ctx)))
                .onSuccess(issued -> answer(ctx, issued))
                .onFailure(ctx::fail);
    }

    private Future<String> proven(CollectorPrincipal principal, RoutingContext ctx) {
        return body.read(ctx)
                .map(CertificateRoutes::json)
                .compose(asked ->
                        signIn.confirm(principal, refreshSecret(asked), ctx).map(request(asked)));
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

package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Problems;
import org.pganalytics.ingest.v3.V3Pushes;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.model.Receipt;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;

/** Takes one batch a request, answers after its commit, and tells a collector where it stands. */
final class PushRoutes {
    private static final Set<String> MEDIA_TYPES = Set.of(HttpBatch.MEDIA_TYPE, NativeJson.MEDIA_TYPE);
    private static final Duration ONE_AT_A_TIME = Duration.ofSeconds(1);

    private final HttpDoor.Shared shared;
    private final PushedBodies bodies;
    private final ClientAddress addresses;
    private final SignIn signIn;

    PushRoutes(HttpDoor.Shared shared, ClientAddress addresses) {
        this.shared = shared;
        this.bodies = new PushedBodies(shared.lobby(), shared.corridor().intake(), shared.codec());
        this.addresses = addresses;
        this.signIn = new SignIn(shared.corridor(), addresses, shared.entrance());
    }

    void mount(Router router) {
        router.post("/api/v1/metrics/push").handler(this::push);
        router.get("/api/v1/metrics/position").handler(this::position);
    }

    private void push(RoutingContext ctx) {
        // Nobody may fill our memory before we know who it is.
        ctx.request().pause();
        var mediaType = mediaType(ctx);
        var hold = new Hold(shared.lobby().bytes());
        var body = new BodyReading(ctx.vertx(), ctx.request(), shared.config(), hold);
        var pushed = new Pushed(ctx, mediaType, body, hold);
        var repetitions = shared.v3().repetitions();
        repetitions
                .signIn(ctx, body, () -> signIn.collector(ctx))
                .compose(principal -> pushed(principal, pushed))
                .onComplete(done -> {
                    body.over();
                    hold.letGo();
                })
                .onFailure(failure -> repetitions.refuse(ctx, body, addresses, failure));
    }

    /** A request that pushes. */
    private record Pushed(RoutingContext ctx, String mediaType, BodyReading body, Hold hold) {}

    /** Ours and those of version 3 are told apart by what the JSON begins with; their labels are wrong at times. */
    private Future<Void> pushed(CollectorPrincipal principal, Pushed pushed) {
        if (!pushed.mediaType().equals(NativeJson.MEDIA_TYPE)) {
            return ours(principal, pushed);
        }
        return pushed.body().start().compose(start -> {
            if (pushed.body().isV3()) {
                return v3(pushed, shared.v3().arriving(pushed.ctx(), principal, pushed.body(), pushed.hold()));
            }
            return Unpacking.isPacked(start) ? packed(principal, pushed) : ours(principal, pushed);
        });
    }

    private Future<Void> packed(CollectorPrincipal principal, Pushed pushed) {
        return pushed.body()
                .read()
                .compose(body -> shared.lobby().decoder().onWorker(() -> V3Pushes.look(body)))
                .compose(found -> found.isPresent()
                        ? v3(pushed, shared.v3().packed(pushed.ctx(), principal, found.get(), pushed.hold()))
                        : ours(principal, pushed));
    }

    private static Future<Void> v3(Pushed pushed, Future<JsonObject> answer) {
        return answer.onSuccess(pushed.ctx()::json).mapEmpty();
    }

    private Future<Void> ours(CollectorPrincipal principal, Pushed pushed) {
        return alone(principal, pushed)
                .onSuccess(receipt -> answer(pushed.ctx(), receipt))
                .mapEmpty();
    }

    private static String mediaType(RoutingContext ctx) {
        var header = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        var type = header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!MEDIA_TYPES.contains(type)) {
            throw Fault.UNSUPPORTED_MEDIA.because(
                    "a push is %s or %s".formatted(HttpBatch.MEDIA_TYPE, NativeJson.MEDIA_TYPE));
        }
        return type;
    }

    /** One batch of a collector at a time: their order is the order of the requests. */
    private Future<Receipt> alone(CollectorPrincipal principal, Pushed pushed) {
        var collector = principal.collector();
        if (!shared.pushing().add(collector)) {
            return Future.failedFuture(Fault.RATE_LIMITED
                    .because("another push of this collector is under way; send one at a time")
                    .retryAfter(ONE_AT_A_TIME));
        }
        return Future.<Void>succeededFuture()
                .compose(begin -> received(collector, pushed))
                .onComplete(done -> shared.pushing().remove(collector));
    }

    private Future<Receipt> received(UUID collector, Pushed pushed) {
        return pushed.body()
                .read()
                .compose(body -> bodies.batch(collector, pushed.mediaType(), body, pushed.hold()))
                .compose(batch -> {
                    shared.turns().heard(collector, batch.number().epoch());
                    return shared.corridor().intake().accept(batch);
                })
                .onFailure(failure -> shared.logRefusal(collector, failure));
    }

    /** 64-bit numbers are strings, as in all our JSON. */
    private static void answer(RoutingContext ctx, Receipt receipt) {
        if (receipt.refusal().isPresent()) {
            ctx.put(Problems.MARK, receipt.mark()).fail(receipt.refusal().get());
            return;
        }
        ctx.json(new JsonObject()
                .put("epoch", Integer.toString(receipt.number().epoch()))
                .put("sequence", Long.toString(receipt.number().sequence()))
                .put("mark", Long.toString(receipt.mark()))
                .put("outcome", receipt.outcome().name().toLowerCase(Locale.ROOT)));
    }

    private void position(RoutingContext ctx) {
        signIn.collector(ctx)
                .compose(principal -> shared.turns().open(principal.collector(), instance(ctx), addresses.of(ctx)))
                .onSuccess(standing -> ctx.json(new JsonObject()
                        .put("epoch", Integer.toString(standing.epoch()))
                        .put("mark", Long.toString(standing.mark()))
                        .put("lease_ms", standing.lease().toMillis())))
                .onFailure(ctx::fail);
    }

    private static UUID instance(RoutingContext ctx) {
        var text = ctx.request().getParam("instance", "");
        if (!text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
            throw Fault.BAD_REQUEST.because("'instance' must be the UUID of the collector's spool");
        }
        return UUID.fromString(text);
    }
}

package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.BearerToken;

/** Registration and token renewal over HTTP, in the form that the collectors of version 3 know. */
public final class RegistrationRoutes {
    private static final int BODY_BYTES_MAX = 16 << 10;
    private static final Pattern V3_VERSION = Pattern.compile("3\\.\\d+(\\..*)?");

    private final Doorkeeper doorkeeper;
    private final Bus bus;
    private final Function<RoutingContext, String> address;
    private final Clock clock;

    /** @param address the peer's IP address as the door sees it */
    public RegistrationRoutes(Doorkeeper doorkeeper, Bus bus, Function<RoutingContext, String> address, Clock clock) {
        this.doorkeeper = doorkeeper;
        this.bus = bus;
        this.address = address;
        this.clock = clock;
    }

    public void mount(Router router) {
        router.post("/api/v1/collectors/register").handler(body()).handler(this::register);
        router.post("/api/v1/collectors/refresh-token").handler(body()).handler(this::refresh);
    }

    private static BodyHandler body() {
        return BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX);
    }

    private void register(RoutingContext ctx) {
        var body = json(ctx);
        var name = text(body, body.containsKey("name") ? "name" : "hostname");
        var version = body.containsKey("version") ? text(body, "version") : "";
        var secret = ctx.request().getHeader("X-Registration-Secret");
        var registered = isV3(body)
                ? doorkeeper.registerV3(secret, name, version, address.apply(ctx))
                : doorkeeper.register(secret, name, version, address.apply(ctx));
        registered
                .onSuccess(made ->
                        answer(ctx, 201, grant(made.collector(), made.token(), made.refreshSecret(), made.lifetime())))
                .onFailure(failure -> refuse(ctx, failure));
    }

    /** It says its version, and its host's name twice; no agent of ours says that. */
    private static boolean isV3(JsonObject body) {
        return body.getValue("version") instanceof String version
                && V3_VERSION.matcher(version).matches()
                && body.getValue("hostname") instanceof String host
                && host.equals(body.getValue("name"));
    }

    private void refresh(RoutingContext ctx) {
        refreshed(ctx)
                .onSuccess(made ->
                        answer(ctx, 200, grant(made.collector(), made.token(), made.refreshSecret(), made.lifetime())))
                .onFailure(failure -> refuse(ctx, failure));
    }

    /** Collectors of version 3 send nothing but the token they have. */
    private Future<TokenGrant> refreshed(RoutingContext ctx) {
        if (ctx.body().length() <= 0 && ctx.request().headers().contains("Authorization")) {
            return doorkeeper.exchange(BearerToken.of(ctx.request()), address.apply(ctx));
        }
        var body = json(ctx);
        var collector = body.containsKey("collector_id") ? uuid(text(body, "collector_id")) : null;
        return doorkeeper.refresh(collector, text(body, "refresh_secret"), address.apply(ctx));
    }

    private void refuse(RoutingContext ctx, Throwable failure) {
        bus.publish(new Event.StrangerRefused(address.apply(ctx), Fault.of(failure)));
        ctx.fail(failure);
    }

    private JsonObject grant(UUID collector, String token, String refreshSecret, Duration lifetime) {
        var grant = new JsonObject().put("collector_id", collector.toString()).put("token", token);
        if (refreshSecret != null) {
            grant.put("refresh_secret", refreshSecret);
        }
        return grant.put(
                        "expires_at",
                        clock.instant()
                                .plus(lifetime)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString())
                .put("expires_in", lifetime.toSeconds());
    }

    private static void answer(RoutingContext ctx, int status, JsonObject body) {
        ctx.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(body.toBuffer());
    }

    private static JsonObject json(RoutingContext ctx) {
        var type = ctx.request().getHeader("Content-Type");
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            throw Fault.UNSUPPORTED_MEDIA.because("the body must be application/json");
        }
        try {
            var body = ctx.body().asJsonObject();
            if (body != null) {
                return body;
            }
        } catch (DecodeException | ClassCastException odd) {
            throw Fault.BAD_REQUEST.because("the body is not a JSON object", odd);
        }
        throw Fault.BAD_REQUEST.because("the body is empty, it must be a JSON object");
    }

    private static String text(JsonObject body, String key) {
        if (body.getValue(key) instanceof String text) {
            return text;
        }
        throw Fault.BAD_REQUEST.because("'%s' is missing or not a string".formatted(key));
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException odd) {
            throw Fault.BAD_REQUEST.because("'collector_id' is not a UUID", odd);
        }
    }
}

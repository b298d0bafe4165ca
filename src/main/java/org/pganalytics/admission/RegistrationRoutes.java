package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.BearerToken;
import org.pganalytics.http.BodyLimit;

/** Registration and token renewal over HTTP, in the form that the collectors of version 3 know. */
public final class RegistrationRoutes {
    private static final int BODY_BYTES_MAX = 16 << 10;
    private static final Pattern V3_VERSION = Pattern.compile("3\\.\\d+(\\..*)?");

    private final Doorkeeper doorkeeper;
    private final Bus bus;
    private final Function<RoutingContext, String> address;
    private final BodyLimit body;
    private final Clock clock;

    /**
     * @param address the peer's IP address as the door sees it
     * @param bodyTime longest that a body may take to arrive
     */
    public RegistrationRoutes(
            Doorkeeper doorkeeper, Bus bus, Function<RoutingContext, String> address, Duration bodyTime, Clock clock) {
        this.doorkeeper = doorkeeper;
        this.bus = bus;
        this.address = address;
        this.body = new BodyLimit(BODY_BYTES_MAX, bodyTime);
        this.clock = clock;
    }

    public void mount(Router router) {
        router.post("/api/v1/collectors/register").handler(ctx -> answer(ctx, 201, this::register));
        router.post("/api/v1/collectors/refresh-token").handler(ctx -> answer(ctx, 200, this::refresh));
    }

    private void answer(RoutingContext ctx, int status, BiFunction<RoutingContext, Buffer, Future<TokenGrant>> asked) {
        body.read(ctx)
                .compose(bytes -> asked.apply(ctx, bytes))
                .onSuccess(made -> answer(ctx, status, json(made)))
                .onFailure(ctx::fail);
    }

    private Future<TokenGrant> register(RoutingContext ctx, Buffer bytes) {
        var body = json(ctx, bytes);
        var name = text(body, body.containsKey("name") ? "name" : "hostname");
        var version = body.containsKey("version") ? text(body, "version") : "";
        var secret = ctx.request().getHeader("X-Registration-Secret");
        var registered = isV3(body)
                ? doorkeeper.registerV3(secret, name, version, address.apply(ctx))
                : doorkeeper.register(secret, name, version, address.apply(ctx));
        return told(ctx, registered)
                .map(made -> new TokenGrant(made.collector(), made.token(), made.refreshSecret(), made.lifetime()));
    }

    /** It says its version, and its host's name twice; no agent of ours says that. */
    private static boolean isV3(JsonObject body) {
        return body.getValue("version") instanceof String version
                && V3_VERSION.matcher(version).matches()
                && body.getValue("hostname") instanceof String host
                && host.equals(body.getValue("name"));
    }

    /** Collectors of version 3 send nothing but the token they have. */
    private Future<TokenGrant> refresh(RoutingContext ctx, Buffer bytes) {
        if (bytes.length() == 0 && ctx.request().headers().contains("Authorization")) {
            return told(ctx, doorkeeper.exchange(BearerToken.of(ctx.request()), address.apply(ctx)));
        }
        var body = json(ctx, bytes);
        var collector = body.containsKey("collector_id") ? uuid(text(body, "collector_id")) : null;
        return told(ctx, doorkeeper.refresh(collector, text(body, "refresh_secret"), address.apply(ctx)));
    }

    private <T> Future<T> told(RoutingContext ctx, Future<T> answer) {
        return answer.onFailure(
                failure -> bus.publish(new Event.StrangerRefused(address.apply(ctx), Fault.of(failure))));
    }

    private JsonObject json(TokenGrant made) {
        var grant = new JsonObject()
                .put("collector_id", made.collector().toString())
                .put("token", made.token());
        if (made.refreshSecret() != null) {
            grant.put("refresh_secret", made.refreshSecret());
        }
        return grant.put(
                        "expires_at",
                        clock.instant()
                                .plus(made.lifetime())
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString())
                .put("expires_in", made.lifetime().toSeconds());
    }

    private static void answer(RoutingContext ctx, int status, JsonObject body) {
        ctx.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(body.toBuffer());
    }

    private static JsonObject json(RoutingContext ctx, Buffer bytes) {
        var type = ctx.request().getHeader("Content-Type");
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            throw Fault.UNSUPPORTED_MEDIA.because("the body must be application/json");
        }
        if (bytes.length() == 0) {
            throw Fault.BAD_REQUEST.because("the body is empty, it must be a JSON object");
        }
        try {
            return new JsonObject(bytes);
        } catch (DecodeException | ClassCastException odd) {
            throw Fault.BAD_REQUEST.because("the body is not a JSON object", odd);
        }
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

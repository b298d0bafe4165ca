package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.pganalytics.fault.Fault;
import org.pganalytics.fleet.ConfigReport;
import org.pganalytics.fleet.Handout;
import org.pganalytics.http.BodyLimit;

/** Gives collectors their configuration and takes what they say of it: CONFIG_REQUEST and CONFIG of HTTP. */
final class ConfigRoutes {
    private static final String PATH = "/api/v1/collectors/self/config";
    private static final int BODY_BYTES_MAX = 16 << 10;
    private static final int TAG_LENGTH_MAX = 128;
    private static final int NOTE_LENGTH_MAX = 1_024;
    private static final int LABEL_LENGTH_MAX = 255;
    private static final Duration ONE_AT_A_TIME = Duration.ofSeconds(1);

    private final HttpDoor.Shared shared;
    private final SignIn signIn;
    private final BodyLimit body;

    ConfigRoutes(HttpDoor.Shared shared, ClientAddress addresses) {
        this.shared = shared;
        this.signIn = new SignIn(shared.corridor(), addresses, shared.entrance());
        this.body = new BodyLimit(BODY_BYTES_MAX, shared.config().bodyTime());
    }

    void mount(Router router) {
        router.get(PATH)
                .handler(ctx -> answer(
                        ctx,
                        collector -> shared.corridor()
                                .configs()
                                .handout(collector, known(ctx))
                                .onSuccess(handout -> write(ctx, handout))
                                .mapEmpty()));
        router.post(PATH)
                .handler(ctx -> answer(
                        ctx,
                        collector -> body.read(ctx)
                                .map(ConfigRoutes::report)
                                .compose(report -> shared.corridor().configs().report(collector, report))
                                .onSuccess(kept ->
                                        ctx.response().setStatusCode(204).end())));
    }

    /** One request of a collector at a time: each costs the database a question. */
    private void answer(RoutingContext ctx, Function<UUID, Future<Void>> work) {
        // Nobody may fill our memory before we know who it is.
        ctx.request().pause();
        signIn.collector(ctx)
                .compose(principal -> {
                    var collector = principal.collector();
                    if (!shared.asking().add(collector)) {
                        return Future.failedFuture(Fault.RATE_LIMITED
                                .because("another request of this collector for its configuration is under way")
                                .retryAfter(ONE_AT_A_TIME));
                    }
                    return Future.<Void>succeededFuture()
                            .compose(begin -> work.apply(collector))
                            .onComplete(done -> shared.asking().remove(collector));
                })
                .onFailure(ctx::fail);
    }

    /** The tags of If-None-Match. */
    private static Set<String> known(RoutingContext ctx) {
        var tags = new LinkedHashSet<String>();
        for (var header : ctx.request().headers().getAll(HttpHeaders.IF_NONE_MATCH)) {
            for (var tag : header.split(",")) {
                tags.add(tag.strip().replaceAll("^(W/)?\"|\"$", ""));
            }
        }
        tags.remove("");
        return tags;
    }

    private static void write(RoutingContext ctx, Handout handout) {
        var response = ctx.response().putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
        if (!handout.tag().isEmpty()) {
            response.putHeader(HttpHeaders.ETAG, "\"" + handout.tag() + "\"");
        }
        if (!handout.tag().isEmpty() && handout.document().isEmpty()) {
            response.setStatusCode(304).end();
            return;
        }
        // The document is JSON already, and a tag needs no escapes.
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end("{\"tag\":\"%s\",\"document\":%s}"
                        .formatted(handout.tag(), handout.document().orElse("null")));
    }

    private static ConfigReport report(Buffer body) {
        try {
            var json = new JsonObject(body);
            var labels = new LinkedHashSet<String>();
            for (var label : json.getJsonArray("labels", new JsonArray())) {
                labels.add(text("labels", (String) label, LABEL_LENGTH_MAX));
            }
            return new ConfigReport(
                    text("running", (String) json.getValue("running", ""), TAG_LENGTH_MAX),
                    text("refused", (String) json.getValue("refused", ""), TAG_LENGTH_MAX),
                    text("note", (String) json.getValue("note", ""), NOTE_LENGTH_MAX),
                    labels);
        } catch (DecodeException | ClassCastException | NullPointerException odd) {
            throw Fault.BAD_REQUEST.because(
                    "the body is a JSON object of the texts running, refused and note, and labels, a list of texts",
                    odd);
        }
    }

    private static String text(String name, String value, int lengthMax) {
        if (value.length() > lengthMax || value.chars().anyMatch(Character::isISOControl)) {
            throw Fault.BAD_REQUEST.because("%s: a text has at most %d characters, none of them a control character"
                    .formatted(name, lengthMax));
        }
        return value;
    }
}

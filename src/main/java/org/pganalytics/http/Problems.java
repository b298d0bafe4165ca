package org.pganalytics.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The only place that turns a failure into an HTTP answer (RFC 9457, docs/protocol.md). */
public final class Problems implements Handler<RoutingContext> {
    /** A route puts the settled mark (a Long) into its context under this name before it fails with a settled batch. */
    public static final String MARK = "org.pganalytics.mark";

    public static final String MEDIA_TYPE = "application/problem+json";

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final Duration RETRY_DEFAULT = Duration.ofSeconds(1);
    /** How long a refused sender may still push the rest of its body, so that it gets to read the answer. */
    private static final long LINGER_MILLIS = 2_000;

    private static final int[] BARE_STATUSES = {
        400, 401, 403, 404, 405, 406, 408, 413, 414, 415, 416, 417, 429, 500, 501, 503
    };

    private Problems() {}

    /** Makes every failure under the router, and every status it fails with by itself, a problem. */
    public static void install(Router router) {
        var problems = new Problems();
        router.route().failureHandler(problems);
        for (int status : BARE_STATUSES) {
            router.errorHandler(status, problems);
        }
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (ctx.response().ended()) {
            return;
        }
        var refusal = refusal(ctx);
        if (refusal.fault() == Fault.INTERNAL) {
            LOG.error("{} {} failed", ctx.request().method(), ctx.normalizedPath(), ctx.failure());
        }
        if (ctx.response().headWritten()) {
            // Too late for another status: a cut answer is the only honest one.
            ctx.response().reset();
            return;
        }
        answer(ctx, refusal);
    }

    private static FaultException refusal(RoutingContext ctx) {
        var failure = ctx.failure();
        if (failure instanceof FaultException known) {
            return known;
        }
        if (ctx.statusCode() > 0 && ctx.statusCode() != 500) {
            return ofStatus(ctx.statusCode());
        }
        return Fault.INTERNAL.because("the server's log says more");
    }

    /** vertx-web fails with a bare status, or with one and an exception of its own. */
    private static FaultException ofStatus(int status) {
        return switch (status) {
            case 401 -> Fault.UNAUTHENTICATED.because("sign in first");
            case 403 -> Fault.FORBIDDEN.because("not for this sender");
            case 404 -> Fault.NOT_FOUND.because("/api/v1/openapi.yaml lists the addresses");
            case 405, 501 -> Fault.METHOD_NOT_ALLOWED.because("/api/v1/openapi.yaml lists the methods of each address");
            case 408 -> Fault.IDLE_TIMEOUT.because("the request did not arrive in time");
            case 413 -> Fault.TOO_LARGE.because("send less in one request");
            case 415 -> Fault.UNSUPPORTED_MEDIA.because("docs/protocol.md lists the media types");
            case 429 -> Fault.RATE_LIMITED.because("send more slowly");
            case 503 -> Fault.OVERLOADED.because("try again later");
            default -> Fault.BAD_REQUEST.because("status " + status);
        };
    }

    private static void answer(RoutingContext ctx, FaultException refusal) {
        var fault = refusal.fault();
        var body = new JsonObject()
                .put("type", "urn:pganalytics:fault:" + fault.name())
                .put("title", fault.title())
                .put("status", fault.httpStatus())
                .put("detail", refusal.detail());
        // 64-bit numbers are strings in all our JSON: a JavaScript reader would round them.
        refusal.expected().ifPresent(expected -> body.put("expected", Long.toString(expected)));
        Long mark = ctx.get(MARK);
        if (mark != null) {
            body.put("mark", Long.toString(mark));
        }
        var response = ctx.response().setStatusCode(fault.httpStatus()).putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
        if (fault.retryable()) {
            response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(retrySeconds(refusal)));
        }
        if (fault == Fault.UNAUTHENTICATED) {
            response.putHeader("WWW-Authenticate", "Bearer");
        }
        boolean bodyIsUnread = !ctx.request().isEnded();
        response.end(body.toBuffer());
        if (bodyIsUnread) {
            letGo(ctx);
        }
    }

    private static long retrySeconds(FaultException refusal) {
        var wait = refusal.retryAfter().orElse(refusal.fault() == Fault.POSITION_GAP ? Duration.ZERO : RETRY_DEFAULT);
        return (wait.toMillis() + 999) / 1_000;
    }

    /** Throws the rest of a refused body away for a moment: a close at once could destroy the answer on its way. */
    private static void letGo(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (request.version() == HttpVersion.HTTP_2) {
            request.handler(null).resume();
            long timer =
                    ctx.vertx().setTimer(LINGER_MILLIS, late -> ctx.response().reset());
            request.endHandler(end -> ctx.vertx().cancelTimer(timer));
            request.exceptionHandler(gone -> ctx.vertx().cancelTimer(timer));
            return;
        }
        long timer =
                ctx.vertx().setTimer(LINGER_MILLIS, late -> request.connection().close());
        request.exceptionHandler(gone -> ctx.vertx().cancelTimer(timer));
        request.endHandler(end -> ctx.vertx().cancelTimer(timer));
        request.handler(null).resume();
    }
}

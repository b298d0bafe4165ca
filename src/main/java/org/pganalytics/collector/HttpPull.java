package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** Asks for the server's configuration over HTTP: at first, after it took or refused one, and now and then. */
final class HttpPull {
    static final String PATH = "/api/v1/collectors/self/config";
    private static final int NOT_MODIFIED = 304;

    private final Vertx vertx;
    private final ServedConfig served;
    private final Exchange exchange;
    private ServedConfig.Report reported;
    private boolean busy;
    private boolean closed;
    private long timer = -1;

    /** One request to {@link #PATH}. */
    interface Exchange {
        /** @param tag of what need not be given again; may be empty */
        Future<HttpAnswer> send(HttpMethod method, String tag, Buffer body);
    }

    HttpPull(Vertx vertx, ServedConfig served, Exchange exchange) {
        this.vertx = vertx;
        this.served = served;
        this.exchange = exchange;
    }

    void begin() {
        ask();
        timer = vertx.setPeriodic(served.config().serverConfigEvery().toMillis(), tick -> ask());
    }

    private void ask() {
        if (busy || closed) {
            return;
        }
        busy = true;
        report().compose(told -> exchange.send(HttpMethod.GET, known(), Buffer.buffer()))
                .compose(this::take)
                .onComplete(done -> {
                    busy = false;
                    if (done.succeeded() && done.result()) {
                        ask();
                    }
                });
    }

    private Future<Void> report() {
        var report = served.report();
        if (report.equals(reported)) {
            return Future.succeededFuture();
        }
        var body = new JsonObject()
                .put("running", report.running())
                .put("refused", report.refused())
                .put("note", report.note())
                .put("labels", new JsonArray(java.util.List.copyOf(report.labels())));
        return exchange.send(HttpMethod.POST, "", body.toBuffer())
                .onSuccess(answer -> reported = answer.isGood() ? report : reported)
                .mapEmpty();
    }

    private String known() {
        return served.report().refused().isEmpty()
                ? served.report().running()
                : served.report().refused();
    }

    private Future<Boolean> take(HttpAnswer answer) {
        if (answer.status() == NOT_MODIFIED || !answer.isGood() || closed) {
            return Future.succeededFuture(false);
        }
        var document = answer.body().getValue("document");
        return served.offered(
                answer.text("tag"),
                document instanceof JsonObject json ? Optional.of(json.encode()) : Optional.empty());
    }

    void close() {
        closed = true;
        vertx.cancelTimer(timer);
    }
}

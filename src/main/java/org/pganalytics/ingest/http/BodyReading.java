package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Reads one request's body within its limits of bytes and time; the request is paused before. */
final class BodyReading {
    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpConfig config;
    private final Hold hold;
    private final Promise<Buffer> whole = Promise.promise();
    private final Buffer body = Buffer.buffer();
    private long timer = -1;

    BodyReading(Vertx vertx, HttpServerRequest request, HttpConfig config, Hold hold) {
        this.vertx = vertx;
        this.request = request;
        this.config = config;
        this.hold = hold;
    }

    Future<Buffer> read() {
        if (announced() > config.bodyBytesMax()) {
            return Future.failedFuture(tooLarge());
        }
        timer = vertx.setTimer(
                config.bodyTime().toMillis(),
                late -> fail(Fault.IDLE_TIMEOUT.because("the body did not arrive within %d ms"
                        .formatted(config.bodyTime().toMillis()))));
        request.exceptionHandler(gone -> fail(Fault.BAD_REQUEST.because("the body was cut off", gone)));
        request.handler(this::take);
        request.endHandler(end -> {
            vertx.cancelTimer(timer);
            whole.tryComplete(body);
        });
        request.resume();
        return whole.future();
    }

    private long announced() {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : 0;
    }

    private void take(Buffer chunk) {
        if (whole.future().isComplete()) {
            return;
        }
        if (body.length() + (long) chunk.length() > config.bodyBytesMax()) {
            fail(tooLarge());
        } else if (!hold.more(chunk.length())) {
            fail(Hold.full());
        } else {
            body.appendBuffer(chunk);
        }
    }

    private FaultException tooLarge() {
        return Fault.TOO_LARGE.because(
                "a body may have %d bytes; send fewer rows at once".formatted(config.bodyBytesMax()));
    }

    private void fail(FaultException why) {
        vertx.cancelTimer(timer);
        whole.tryFail(why);
    }
}

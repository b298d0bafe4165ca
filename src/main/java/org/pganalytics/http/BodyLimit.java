package org.pganalytics.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * How large a small body may be, and how long it may take; it is read whole.
 *
 * @param bytesMax most bytes
 * @param time longest until all of it has arrived
 */
public record BodyLimit(int bytesMax, Duration time) {

    /** On the request's event loop, before or while it is paused. Fails with TOO_LARGE, IDLE_TIMEOUT or BAD_REQUEST. */
    public Future<Buffer> read(RoutingContext ctx) {
        var request = ctx.request();
        if (announced(request) > bytesMax) {
            return Future.failedFuture(tooLarge());
        }
        Promise<Buffer> read = Promise.promise();
        long timer = ctx.vertx().setTimer(Math.max(1, time.toMillis()), late -> read.tryFail(late()));
        collect(request, read);
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        request.resume();
        return read.future().onComplete(done -> ctx.vertx().cancelTimer(timer));
    }

    private void collect(HttpServerRequest request, Promise<Buffer> read) {
        var bytes = Buffer.buffer();
        request.exceptionHandler(gone -> read.tryFail(Fault.BAD_REQUEST.because("the body was cut off", gone)));
        request.handler(chunk -> {
            if (bytes.length() + chunk.length() > bytesMax) {
                read.tryFail(tooLarge());
            } else {
                bytes.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> read.tryComplete(bytes));
    }

    private static long announced(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : 0;
    }

    private FaultException tooLarge() {
        return Fault.TOO_LARGE.because("a body is at most %d bytes long here".formatted(bytesMax));
    }

    private FaultException late() {
        return Fault.IDLE_TIMEOUT.because(
                "the body did not arrive within %d ms (http.body-time)".formatted(time.toMillis()));
    }
}

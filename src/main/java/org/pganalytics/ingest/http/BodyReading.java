package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.wire.v3.V3Push;

/**
 * Reads one request's body within its limits of bytes and time, whole or a piece at a time; the request is paused
 * before, and between the pieces.
 */
public final class BodyReading {
    /** As much as decides whose push it is. */
    private static final int START_BYTES = 256;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Hold hold;
    private Promise<Void> waiting;
    private Buffer body = Buffer.buffer();
    private FaultException failure;
    private boolean ended;
    private boolean begun;
    private boolean v3;
    private int wanted;
    private long arrived;
    private long bytesMax;
    private Duration time;
    private boolean held = true;
    private long timer = -1;

    public BodyReading(Vertx vertx, HttpServerRequest request, HttpConfig config, Hold hold) {
        this.vertx = vertx;
        this.request = request;
        this.hold = hold;
        this.bytesMax = config.bodyBytesMax();
        this.time = config.bodyTime();
    }

    /**
     * What the body begins with: at least so much that it can be told whose it is, if there is as much. It stays
     * unread.
     */
    public Future<Buffer> start() {
        return until(START_BYTES).map(read -> {
            v3 = looksLikeV3(body);
            return body;
        });
    }

    private static boolean looksLikeV3(Buffer start) {
        return V3Push.isV3(start.getBytes(0, Math.min(start.length(), START_BYTES)));
    }

    /** The whole body, what was looked at included. */
    public Future<Buffer> read() {
        return announced() > bytesMax
                ? Future.failedFuture(tooLarge())
                : until(Integer.MAX_VALUE).map(read -> body);
    }

    /**
     * Reads on with other limits; what has arrived counts, but pieces are no longer counted as held.
     *
     * @param most bytes of the body
     * @param within longest until all of it has arrived, from now
     */
    public void relax(long most, Duration within) {
        bytesMax = most;
        time = within;
        held = false;
        if (timer >= 0 && !ended) {
            vertx.cancelTimer(timer);
            startTimer();
        }
    }

    /** The request is answered: nothing of the body is waited for or kept any more. */
    public void over() {
        vertx.cancelTimer(timer);
        body = Buffer.buffer();
    }

    /** The next piece, of at least so many bytes unless it is the last; empty when there is no more. */
    public Future<Buffer> next(int bytes) {
        return announced() > bytesMax
                ? Future.failedFuture(tooLarge())
                : until(bytes).map(read -> {
                    var piece = body;
                    // The last chunk of a piece may reach beyond it.
                    long room = Math.min(bytes + HttpDoor.CHUNK_BYTES_MAX, Math.max(announced() - arrived, 0));
                    body = Buffer.buffer((int) room);
                    return piece;
                });
    }

    /** Whether it was seen to begin with JSON of version 3, whatever its label says. */
    public boolean isV3() {
        return v3;
    }

    /** How many bytes have arrived. */
    public long arrived() {
        return arrived;
    }

    private Future<Void> until(int bytes) {
        begin();
        if (failure != null) {
            return Future.failedFuture(failure);
        }
        if (ended || body.length() >= bytes) {
            return Future.succeededFuture();
        }
        wanted = bytes;
        waiting = Promise.promise();
        request.resume();
        return waiting.future();
    }

    private void begin() {
        if (begun) {
            return;
        }
        begun = true;
        startTimer();
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            // Not before it is known who asks; elsewhere, vertx-web does it.
            request.response().writeContinue();
        }
        request.exceptionHandler(gone -> fail(Fault.BAD_REQUEST.because("the body was cut off", gone)));
        request.handler(this::take);
        request.endHandler(end -> {
            ended = true;
            vertx.cancelTimer(timer);
            arrive();
        });
    }

    private void startTimer() {
        timer = vertx.setTimer(
                time.toMillis(),
                late -> fail(
                        Fault.IDLE_TIMEOUT.because("the body did not arrive within %d ms".formatted(time.toMillis()))));
    }

    private long announced() {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : 0;
    }

    private void take(Buffer chunk) {
        if (failure != null) {
            return;
        }
        arrived += chunk.length();
        if (arrived > bytesMax) {
            fail(tooLarge());
        } else if (held && !hold.more(chunk.length())) {
            v3 |= body.length() == 0 && looksLikeV3(chunk);
            fail(hold.full(chunk.length()));
        } else {
            body.appendBuffer(chunk);
            if (body.length() >= wanted) {
                request.pause();
                arrive();
            }
        }
    }

    private void arrive() {
        if (waiting != null) {
            waiting.tryComplete();
        }
    }

    private FaultException tooLarge() {
        return Fault.TOO_LARGE.because("a body may have %d bytes; send fewer rows at once".formatted(bytesMax));
    }

    private void fail(FaultException why) {
        vertx.cancelTimer(timer);
        failure = failure == null ? why : failure;
        body = Buffer.buffer();
        if (waiting != null) {
            waiting.tryFail(failure);
        }
    }
}

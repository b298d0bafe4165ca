package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** What a server answered over HTTP. @param retryAfter zero when the server names none */
record HttpAnswer(int status, Duration retryAfter, JsonObject body) {
    private static final int BYTES_MAX = 64 << 10;
    private static final String TYPE = "urn:pganalytics:fault:";

    /**
     * Reads an answer: one of more than 64 KiB is none of ours, and one that only trickles in is waited for no longer than
     * one that does not come at all.
     */
    static Future<HttpAnswer> read(Vertx vertx, HttpClientResponse response, Duration longest) {
        var whole = Promise.<HttpAnswer>promise();
        var body = Buffer.buffer();
        long late = vertx.setTimer(longest.toMillis(), due -> {
            whole.tryFail("the answer is not complete after " + longest);
            response.request().reset();
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(
                end -> whole.tryComplete(of(response.statusCode(), response.getHeader("Retry-After"), body)));
        response.handler(bytes -> {
            if (body.length() + bytes.length() > BYTES_MAX) {
                whole.tryFail(Fault.NOT_FOUND.because(
                        "an answer of more than %d bytes; is it a pgAnalytics server?".formatted(BYTES_MAX)));
                response.request().reset();
            } else {
                body.appendBuffer(bytes);
            }
        });
        return whole.future().onComplete(read -> vertx.cancelTimer(late));
    }

    static HttpAnswer of(int status, String retryAfter, Buffer body) {
        return new HttpAnswer(status, seconds(retryAfter), json(body));
    }

    private static Duration seconds(String header) {
        try {
            return header == null ? Duration.ZERO : Duration.ofSeconds(Math.min(3_600, Long.parseLong(header.strip())));
        } catch (NumberFormatException aDate) {
            return Duration.ZERO;
        }
    }

    private static JsonObject json(Buffer body) {
        try {
            return body.length() == 0 ? new JsonObject() : body.toJsonObject();
        } catch (DecodeException | ClassCastException notJson) {
            return new JsonObject();
        }
    }

    /** Whether a refusal is one of a pgAnalytics server. */
    boolean isOurs() {
        return String.valueOf(body.getValue("type")).startsWith(TYPE);
    }

    boolean isGood() {
        return status / 100 == 2;
    }

    /** A number, whether it was written as one or as a string. */
    long number(String key, long whenMissing) {
        try {
            var value = body.getValue(key);
            return value == null ? whenMissing : Long.parseLong(value.toString());
        } catch (NumberFormatException notOne) {
            return whenMissing;
        }
    }

    String text(String key) {
        var value = body.getValue(key);
        if (value == null) {
            throw Fault.BAD_REQUEST.because("the server's answer has no " + key);
        }
        return value.toString();
    }

    /** The fault a refusal stands for: by its type, or else by its status. */
    Fault fault() {
        var type = String.valueOf(body.getValue("type"));
        return Arrays.stream(Fault.values())
                .filter(fault -> type.equals(TYPE + fault.name()))
                .findFirst()
                .orElseGet(this::faultOfStatus);
    }

    private Fault faultOfStatus() {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.httpStatus() == status && !fault.settles())
                .findFirst()
                .orElse(status >= 500 ? Fault.OVERLOADED : Fault.BAD_REQUEST);
    }

    String detail() {
        return String.valueOf(body.getValue("detail", "HTTP " + status));
    }

    FaultException refusal() {
        return fault().because(detail()).retryAfter(retryAfter);
    }
}

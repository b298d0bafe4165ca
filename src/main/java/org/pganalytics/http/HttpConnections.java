package org.pganalytics.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The connections of one event loop, and since when each has had nothing to do: bytes of a head that never ends are not
 * something to do.
 */
public final class HttpConnections {
    private final Map<HttpConnection, Watch> watches = new HashMap<>();
    private final LongSupplier nanoClock;
    private final Duration idleTime;

    private static final class Watch {
        private int requests;
        private long idleNanos;
    }

    /** @param nanoClock monotonic time in nanoseconds */
    public HttpConnections(LongSupplier nanoClock, Duration idleTime) {
        this.nanoClock = nanoClock;
        this.idleTime = idleTime;
    }

    public void opened(HttpConnection connection) {
        var watch = new Watch();
        watch.idleNanos = nanoClock.getAsLong();
        watches.put(connection, watch);
    }

    public void closed(HttpConnection connection) {
        watches.remove(connection);
    }

    /** A request's head is complete; until its answer is, the connection is busy. */
    public void busy(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        var watch = watches.get(request.connection());
        if (watch != null) {
            watch.requests++;
            ctx.addEndHandler(end -> {
                watch.requests--;
                watch.idleNanos = nanoClock.getAsLong();
            });
        }
        ctx.next();
    }

    public void closeIdle() {
        long now = nanoClock.getAsLong();
        List.copyOf(watches.entrySet()).stream()
                .filter(entry -> entry.getValue().requests == 0)
                .filter(entry -> now - entry.getValue().idleNanos > idleTime.toNanos())
                .forEach(entry -> entry.getKey().close());
    }
}

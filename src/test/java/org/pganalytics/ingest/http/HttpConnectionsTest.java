package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HttpConnectionsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static HttpConfig config(int max, int perAddress, List<String> trusted, Duration idle) {
        return new HttpConfig("127.0.0.1", 0, max, perAddress, trusted, 1 << 20, 4 << 10, idle, LONG, 100, LONG);
    }

    private static CompletableFuture<Void> ask(HttpFixture http) throws Exception {
        NetSocket socket = await(http.sockets().connect(http.port, "127.0.0.1"));
        var closed = new CompletableFuture<Void>();
        socket.exceptionHandler(broken -> {});
        socket.closeHandler(end -> closed.complete(null));
        socket.write("GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
        return closed;
    }

    @Test
    void theLimitOfConnectionsHoldsAndTrustedAddressesAreExemptFromTheirOwn() throws Exception {
        try (var http = new HttpFixture(config(100, 3, List.of(), LONG))) {
            for (int count = 0; count < 3; count++) {
                var unused = ask(http);
            }
            eventually("three are in", () -> http.slots.used() == 3);
            ask(http).get(10, TimeUnit.SECONDS);
            assertEquals(3, http.slots.used());
        }
        try (var http = new HttpFixture(config(5, 3, List.of("127.0.0.1"), LONG))) {
            for (int count = 0; count < 5; count++) {
                var unused = ask(http);
            }
            eventually("five are in", () -> http.slots.used() == 5);
            ask(http).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aConnectionWithNothingToDoIsClosedAndItsPlaceFree() throws Exception {
        try (var http = new HttpFixture(config(5, 3, List.of(), Duration.ofSeconds(1)))) {
            var closed = ask(http);
            eventually("it is in", () -> http.slots.used() == 1);
            closed.get(10, TimeUnit.SECONDS);
            eventually("its place is free", () -> http.slots.used() == 0);
        }
    }
}

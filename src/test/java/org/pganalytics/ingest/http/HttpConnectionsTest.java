package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.net.NetSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.tls.TestCertificate;
import org.pganalytics.tls.TlsConfig;

class HttpConnectionsTest {
    @TempDir
    Path folder;

    private static final Duration LONG = Duration.ofSeconds(60);

    private static HttpConfig config(int max, int perAddress, List<String> trusted, Duration idle) {
        return new HttpConfig("127.0.0.1", 0, max, perAddress, trusted, 1 << 20, 4 << 10, idle, LONG, 100, LONG);
    }

    private static CompletableFuture<Void> ask(HttpFixture http) throws Exception {
        return say(http, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    private static CompletableFuture<Void> say(HttpFixture http, String text) throws Exception {
        var closed = new CompletableFuture<Void>();
        await(http.sockets().connect(http.port, "127.0.0.1").onSuccess(socket -> {
            socket.exceptionHandler(broken -> {});
            socket.closeHandler(end -> closed.complete(null));
            // One that was closed before there was a handler fails to write.
            socket.write(text).onFailure(gone -> closed.complete(null));
        }));
        return closed;
    }

    /** In the clear it has not yet chosen its version of HTTP; with TLS it is in the handshake. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatSaysNothingCountsFromItsFirstMoment(boolean encrypted) throws Exception {
        var tls = encrypted ? TestCertificate.make(folder, "RSA", "-1d").config("TLSv1.3") : TlsConfig.off();
        try (var http = new HttpFixture(config(100, 3, List.of(), LONG), IngestConfig.standard(), tls)) {
            var silent = new ArrayList<NetSocket>();
            for (int count = 0; count < 3; count++) {
                silent.add(await(http.sockets().connect(http.port, "127.0.0.1")));
            }
            eventually("three are in", () -> http.slots.used() == 3);
            say(http, "").get(10, TimeUnit.SECONDS);
            ask(http).get(10, TimeUnit.SECONDS);
            assertEquals(3, http.slots.used());
            var told = new Event.StrangerRefused("127.0.0.1", Fault.TOO_MANY_CONNECTIONS);
            eventually("it is told on the bus", () -> http.house.events.contains(told));
            await(silent.remove(0).close());
            eventually("a place is free", () -> http.slots.used() == 2);
            silent.add(await(http.sockets().connect(http.port, "127.0.0.1")));
            eventually("and taken again", () -> http.slots.used() == 3);
            for (var socket : silent) {
                await(socket.close());
            }
            eventually("all are free", () -> http.slots.used() == 0);
        }
    }

    @Test
    void aConnectionThatNeverSaysAnythingIsClosed() throws Exception {
        try (var http = new HttpFixture(config(5, 3, List.of(), Duration.ofSeconds(1)))) {
            say(http, "").get(10, TimeUnit.SECONDS);
            eventually("its place is free", () -> http.slots.used() == 0);
        }
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

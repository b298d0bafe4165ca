package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.ProxyHeaders;
import org.pganalytics.tls.TlsConfig;

/** Whom the HTTP door takes a request to come from; 127.0.0.9 is a balancer, and too much was guessed from 192.0.2.7. */
class HttpProxyTest {
    private static final String BALANCER = "127.0.0.9";
    private static final String GUESSED = "192.0.2.7";
    private static final Buffer NO_HEADER = Buffer.buffer();

    private final UUID collector = UUID.randomUUID();

    private static HttpFixture door(TlsConfig tls, boolean textHeader) throws Exception {
        var proxies = new ProxyConfig(List.of(BALANCER), textHeader, Duration.ofSeconds(5));
        return new HttpFixture(HttpFixture.CONFIG, IngestConfig.standard(), tls, proxies);
    }

    private static HttpFixture forwarding() throws Exception {
        var config = new TlsConfig(
                TlsConfig.Mode.TERMINATED_UPSTREAM,
                null,
                null,
                List.of("TLSv1.3"),
                List.of(BALANCER),
                Duration.ofSeconds(10),
                TlsConfig.ClientAuth.NONE,
                null);
        return new HttpFixture(HttpFixture.CONFIG, IngestConfig.standard(), config);
    }

    private String position(HttpFixture http, String from, Buffer header, String more) throws Exception {
        var head = "GET /api/v1/metrics/position?instance=%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n"
                .formatted(collector, more);
        return status(http, from, header, head);
    }

    /** The status, or "closed". @param from a local address */
    private String status(HttpFixture http, String from, Buffer header, String head) throws Exception {
        http.house.guessedFrom(GUESSED);
        try (var socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            socket.connect(new InetSocketAddress("127.0.0.1", http.port), 5_000);
            socket.setSoTimeout(10_000);
            var token = "\r\nAuthorization: Bearer " + FakeDoorkeeper.token(collector) + "\r\nHost:";
            var request = header.copy().appendString(head.replaceFirst("\r\nHost:", token));
            socket.getOutputStream().write(request.getBytes());
            var answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return answer.isEmpty() ? "closed" : answer.substring(answer.indexOf(' ') + 1);
        } catch (SocketException reset) {
            return "closed";
        }
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.7,429", "192.0.2.8,200", "2001:db8::7,200"})
    void aHeaderNamesTheClient(String client, String status) throws Exception {
        try (var http = door(TlsConfig.off(), false)) {
            assertEquals(status, position(http, BALANCER, ProxyHeaders.of(client), ""));
        }
    }

    @Test
    void aLineOfVersion1NamesTheClientWhereThatIsAllowed() throws Exception {
        var line = Buffer.buffer("PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n");
        try (var http = door(TlsConfig.off(), true)) {
            assertEquals("429", position(http, BALANCER, line, ""));
            assertEquals("200", position(http, BALANCER, ProxyHeaders.of("192.0.2.8"), ""));
        }
    }

    @Test
    void whoeverIsNoBalancerNeedsNoHeaderAndMaySendNone() throws Exception {
        try (var http = door(TlsConfig.off(), true)) {
            assertEquals("200", position(http, "127.0.0.2", NO_HEADER, ""));
            var line = Buffer.buffer("PROXY TCP4 192.0.2.8 192.0.2.8 4711 443\r\n");
            assertEquals("400", position(http, "127.0.0.2", line, ""));
        }
    }

    /** Vert.x would change to HTTP/2 at once, and wait for a body that does not come. */
    @Test
    void aRequestWithABodyStaysOnHttp11BehindAHeader() throws Exception {
        var head =
                "POST /api/v1/metrics/push HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
                        + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nno";
        try (var http = door(TlsConfig.off(), false)) {
            assertEquals("415", status(http, BALANCER, ProxyHeaders.of("192.0.2.8"), head));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 429",
        "192.0.2.8, 200",
        "'192.0.2.7, 192.0.2.8', 200",
        "'192.0.2.8, 192.0.2.7', 429",
        "192.0.2.7:4711, 429",
        "[2001:db8::7]:4711, 200",
        "nonsense, 200"
    })
    void aBalancerThatEndsTlsNamesTheClientLast(String forwarded, String status) throws Exception {
        try (var http = forwarding()) {
            assertEquals(status, position(http, BALANCER, NO_HEADER, "X-Forwarded-For: " + forwarded + "\r\n"));
        }
    }

    /** A client in the balancers' own network is no balancer, though one named it. */
    @Test
    void whoIsNamedByAPrefixNamesNobodyElse() throws Exception {
        var tls = new TlsConfig(
                TlsConfig.Mode.TERMINATED_UPSTREAM,
                null,
                null,
                List.of("TLSv1.3"),
                List.of("127.0.0.0/8", "192.0.2.0/24"),
                Duration.ofSeconds(10),
                TlsConfig.ClientAuth.NONE,
                null);
        try (var http = door(tls, false)) {
            var header = ProxyHeaders.of(GUESSED);
            assertEquals("429", position(http, BALANCER, header, "X-Forwarded-For: 192.0.2.8\r\n"));
        }
    }

    /** Through the tunnel that a balancer would become, the client could send lines that are the balancer's to write. */
    @Test
    void nobodyChangesToHttp2ThroughABalancer() throws Exception {
        var head = "GET /api/v1/health HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n";
        try (var http = forwarding()) {
            assertEquals("200", status(http, BALANCER, NO_HEADER, head));
        }
        try (var http = door(TlsConfig.off(), false)) {
            assertEquals("200", status(http, BALANCER, ProxyHeaders.of("192.0.2.8"), head));
            assertEquals("101", status(http, "127.0.0.2", NO_HEADER, head), "who speaks for himself may");
        }
    }

    /** HAProxy adds a line of its own to what the client claims. */
    @Test
    void theLastLineCounts() throws Exception {
        var claimed = "X-Forwarded-For: 192.0.2.8\r\nX-Forwarded-For: 192.0.2.7\r\n";
        try (var http = forwarding()) {
            assertEquals("429", position(http, BALANCER, NO_HEADER, claimed));
        }
    }

    @Test
    void nobodyElseIsBelieved() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            assertEquals("200", position(http, BALANCER, NO_HEADER, "X-Forwarded-For: 192.0.2.7\r\n"));
        }
        try (var http = forwarding()) {
            assertEquals("closed", position(http, "127.0.0.2", NO_HEADER, "X-Forwarded-For: 192.0.2.8\r\n"));
        }
    }
}

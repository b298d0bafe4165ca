package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.ingest.FakeDoorkeeper;

/** Clients that ask to change from HTTP/1.1 to HTTP/2, as curl does with {@code --http2}. */
class UpgradeTest {
    private static final int LARGE = 5_000_000;
    private static final String ASKING = "Host: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                    .formatted(FakeDoorkeeper.token(UUID.randomUUID()))
            + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";

    private HttpFixture http;
    private Socket socket;

    @BeforeEach
    void open() throws Exception {
        http = new HttpFixture(HttpFixture.CONFIG);
        socket = new Socket(InetAddress.getLoopbackAddress(), http.port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
    }

    @AfterEach
    void close() throws Exception {
        socket.close();
        http.close();
    }

    private void say(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private String hear(int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"'',1", "'',1460", "'Expect: 100-continue\r\n',100000"})
    void aLargeBodyIsTakenOnTheProtocolItCameWith(String expect, int cut) throws Exception {
        var head = "POST /api/v1/metrics/push HTTP/1.1\r\n" + ASKING + expect + "Content-Length: " + LARGE + "\r\n\r\n";
        for (int at = 0; at < head.length(); at += cut) {
            say(head.substring(at, Math.min(head.length(), at + cut)));
        }
        if (!expect.isEmpty()) {
            assertEquals("HTTP/1.1 100 Continue\r\n\r\n", hear(25));
        }
        say("x".repeat(LARGE));
        assertEquals("HTTP/1.1 400", hear(12), "it was read to its end: it is no JSON");
        assertTrue(http.house.lobby.bytes().used() <= LARGE);
    }

    @Test
    void aChunkedBodyIsTakenOnTheProtocolItCameWith() throws Exception {
        say("POST /api/v1/metrics/push HTTP/1.1\r\n" + ASKING + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
        say("0\r\n\r\n");
        assertEquals("HTTP/1.1 400", hear(12));
    }

    @Test
    void aRequestWithoutABodyChangesToHttp2() throws Exception {
        say("GET /api/v1/health HTTP/1.1\r\n" + ASKING + "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertEquals("HTTP/1.1 101 Switching Protocols\r\n", hear(34));
    }

    @Test
    void onlyTheFirstRequestIsLookedAt() throws Exception {
        say("POST /api/v1/metrics/push HTTP/1.1\r\n" + ASKING + "Content-Length: 1\r\n\r\nx");
        assertEquals("HTTP/1.1 400", hear(12));
        say("GET /api/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        var rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(rest.contains("{\"status\":\"ok\"}"), rest);
        assertFalse(rest.contains("101 Switching"), rest);
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.http.Contract;
import org.pganalytics.http.ContractCheck;
import org.pganalytics.http.Operation;

/** A body that trickles in, at every operation that takes one. */
class ApiSlowBodyIT {
    private static final int ANNOUNCED = 4_000;
    private static final int PAUSE_MILLIS = 100;
    /** A minute of them. */
    private static final int SENT_MAX = 600;

    private static ApiServer server;
    private static String collectorToken;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.startWithAuthority(Map.of("PGANALYTICS_HTTP_BODY_TIME", "700ms"));
        collectorToken = server.client.register(ApiServer.SECRET, "slow").getString("token");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Stream<Operation> operations() {
        return Contract.ofClassPath().operations().stream()
                .filter(operation -> !operation.method().equals(HttpMethod.GET));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aTricklingBodyIsToldThatItIsLate(Operation operation) throws Exception {
        var answer = trickle(operation);
        assertTrue(answer.startsWith("HTTP/1.1 408 "), () -> operation.id() + ": " + answer);
        var body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertEquals("urn:pganalytics:fault:IDLE_TIMEOUT", new JsonObject(body).getString("type"));
        assertEquals(
                Optional.empty(), ContractCheck.ofDocs().wrong(operation.id(), 408, "application/problem+json", body));
    }

    /** A byte every now and then until the answer has come. */
    private static String trickle(Operation operation) throws Exception {
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(PAUSE_MILLIS);
            var token = operation.atDoor() ? collectorToken : server.token;
            var head = "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                    + "Content-Length: %d\r\n\r\n";
            var path = operation.route().replaceAll(":[a-z]+", "1");
            send(socket, head.formatted(operation.method(), path, token, ANNOUNCED));
            var read = new StringBuilder();
            for (int sent = 0; sent < SENT_MAX && !read.toString().endsWith("}"); sent++) {
                send(socket, " ");
                read.append(readAWhile(socket));
            }
            return read.toString();
        }
    }

    private static String readAWhile(Socket socket) throws IOException {
        try {
            var bytes = new byte[4_096];
            int length = socket.getInputStream().read(bytes);
            assertTrue(length > 0, "closed without an answer");
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        } catch (SocketTimeoutException nothing) {
            return "";
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    @Test
    void thereAreOperationsToTry() {
        assertTrue(operations().count() > 15);
    }
}

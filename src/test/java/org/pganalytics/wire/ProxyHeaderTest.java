package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

class ProxyHeaderTest {
    private static Optional<String> client(Buffer bytes) {
        int length = ProxyHeader.length(bytes, true).orElseThrow();
        return ProxyHeader.parse(bytes.slice(0, length))
                .client()
                .map(client -> client.getAddress().getHostAddress() + " " + client.getPort());
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "2001:db8::7"})
    void whatIsWrittenIsRead(String address) {
        var header = new ProxyHeader(Optional.of(new InetSocketAddress(address, 65_535)));
        var bytes = header.encode();
        assertEquals(bytes.length(), ProxyHeader.length(bytes, false).orElseThrow());
        assertEquals(header, ProxyHeader.parse(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 192.0.2.7 192.0.2.8 4711 443, 192.0.2.7 4711",
        "PROXY TCP6 2001:db8::7 ::1 65535 0, 2001:db8:0:0:0:0:0:7 65535",
        "PROXY TCP6 ::ffff:192.0.2.7 ::1 1 1, 192.0.2.7 1",
        "PROXY UNKNOWN,",
        "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535,"
    })
    void aLineOfVersion1(String line, String client) {
        assertEquals(Optional.ofNullable(client), client(Buffer.buffer(line + "\r\nwhat follows")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.7 192.0.2.8 4711",
                "PROXY TCP4 2001:db8::7 ::1 1 1",
                "PROXY TCP6 192.0.2.7 192.0.2.8 1 1",
                "PROXY TCP4 192.0.2.7 192.0.2.8 65536 1",
                "PROXY TCP4 192.0.2.7 192.0.2.8 -1 1",
                "PROXY TCP4  192.0.2.8 1 1",
                "PROXY TCP4 localhost 192.0.2.8 1 1",
                "PROXY UDP4 192.0.2.7 192.0.2.8 1 1",
                "PROXY "
            })
    void aBrokenLineOfVersion1(String line) {
        var refusal = assertThrows(FaultException.class, () -> client(Buffer.buffer(line + "\r\n")));
        assertEquals(Fault.BAD_FRAME, refusal.fault());
    }

    @Test
    void aLineEndsWithin107Bytes() {
        var longest = "PROXY UNKNOWN " + "x".repeat(91);
        assertEquals(
                107, ProxyHeader.length(Buffer.buffer(longest + "\r\n"), true).orElseThrow());
        assertTrue(ProxyHeader.length(Buffer.buffer(longest), true).isEmpty());
        assertThrows(FaultException.class, () -> ProxyHeader.length(Buffer.buffer(longest + "xx"), true));
    }

    @Test
    void aLineIsRefusedWhereItIsNotAllowed() {
        var line = Buffer.buffer("PROXY TCP4 192.0.2.7 192.0.2.8 1 1\r\n");
        var refusal = assertThrows(FaultException.class, () -> ProxyHeader.length(line, false));
        assertTrue(refusal.detail().contains("text-header"), refusal.detail());
    }
}

package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Looks for a connection's first bytes that let out anything but a header, or BAD_FRAME. */
class ProxyHeaderFuzzIT {
    private static final Buffer SIGNATURE = Buffer.buffer("\r\n\r\n\0\r\nQUIT\n", "ISO-8859-1");

    @FuzzTest(maxDuration = "10s")
    void aHeaderOrBadFrame(FuzzedDataProvider data) {
        boolean text = data.consumeBoolean();
        var bytes = switch (data.consumeInt(0, 2)) {
            case 0 -> SIGNATURE.copy();
            case 1 -> Buffer.buffer("PROXY ");
            default -> Buffer.buffer();
        };
        bytes.appendBytes(data.consumeRemainingAsBytes());
        try {
            var length = ProxyHeader.length(bytes, text);
            if (length.isPresent() && length.get() <= bytes.length()) {
                comesBack(ProxyHeader.parse(bytes.getBuffer(0, length.get())));
            } else {
                assertTrue(
                        length.isPresent() || bytes.length() < ProxyHeader.TELLING_BYTES,
                        "so much tells how long a header is");
            }
        } catch (FaultException refusal) {
            assertEquals(Fault.BAD_FRAME, refusal.fault());
        }
    }

    private static void comesBack(ProxyHeader header) {
        var encoded = header.encode();
        assertEquals(encoded.length(), ProxyHeader.length(encoded, false).orElseThrow());
        assertEquals(header, ProxyHeader.parse(encoded));
    }
}

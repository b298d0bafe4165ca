package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;

/** Looks for JSON that lets out anything but a push and BAD_REQUEST. */
class JsonFuzzIT {
    private final NativeJson json = new NativeJson(new WireLimits(1 << 20, 100, 5_000, 100));

    @FuzzTest(maxDuration = "20s")
    void aPushOrABadRequest(byte[] text) {
        JsonPush push;
        try {
            push = json.parse(Buffer.buffer(text));
        } catch (FaultException refusal) {
            assertTrue(refusal.fault() == Fault.BAD_REQUEST || refusal.fault() == Fault.TOO_LARGE);
            return;
        }
        if (push.content() instanceof BatchContent.Decoded decoded) {
            var again = json.parse(NativeJson.encode(push.position(), push.losses(), decoded.blocks()));
            assertEquals(push.content(), again.content());
        }
    }
}

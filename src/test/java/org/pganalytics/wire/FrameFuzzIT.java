package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Looks for bytes of a connection that let out anything but frames and BAD_FRAME. */
class FrameFuzzIT {
    private final FrameCodec codec = new FrameCodec(1 << 16);

    @FuzzTest(maxDuration = "20s")
    void framesOrBadFrame(FuzzedDataProvider data) {
        var reader = new FrameReader(codec);
        try {
            while (data.remainingBytes() > 0) {
                // Every second piece gets a good checksum, or nothing behind it would ever be reached.
                reader.add(data.consumeBoolean() ? framed(data) : Buffer.buffer(data.consumeBytes(64)));
                for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                    comesBack(frame.get());
                }
            }
        } catch (FaultException refusal) {
            assertEquals(Fault.BAD_FRAME, refusal.fault());
        }
    }

    private static Buffer framed(FuzzedDataProvider data) {
        int type = data.consumeInt(1, 17);
        var payload = data.consumeBytes(data.consumeInt(0, 512));
        var frame = Buffer.buffer()
                .appendInt(payload.length)
                .appendByte((byte) type)
                .appendByte((byte) 0)
                .appendShort((short) 0)
                .appendBytes(payload);
        return frame.appendInt(Checksum.of(frame, 0, frame.length()));
    }

    private void comesBack(Frame frame) {
        var again = new FrameReader(codec);
        again.add(codec.encode(frame));
        assertEquals(frame, again.next().orElseThrow());
        again.finish();
    }
}

package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.pganalytics.fault.Fault;

/** Cuts frames out of the bytes of one connection, however they arrive. Not safe from several threads. */
public final class FrameReader {
    private static final Buffer NOTHING = Buffer.buffer(0);

    private final FrameCodec codec;
    private Buffer held = NOTHING;
    private int at;
    private boolean owned;

    public FrameReader(FrameCodec codec) {
        this.codec = codec;
    }

    /** Takes the buffer over: it is not to be changed afterwards, since frames are slices of it. */
    public void add(Buffer more) {
        if (at == held.length()) {
            hold(more, false);
        } else if (owned && at == 0) {
            held.appendBuffer(more);
        } else {
            // Frames already handed out may be slices of what is held, so the rest moves to a buffer of its own.
            hold(
                    Buffer.buffer(heldBytes() + more.length())
                            .appendBuffer(held, at, heldBytes())
                            .appendBuffer(more),
                    true);
        }
    }

    /**
     * Returns the next whole frame, or empty until more bytes are added. Fails with BAD_FRAME, and then always again: the
     * connection is to be closed.
     */
    public Optional<Frame> next() {
        while (heldBytes() >= FrameCodec.HEAD_BYTES) {
            int payloadBytes = codec.payloadBytes(held, at);
            int end = FrameCodec.HEAD_BYTES + payloadBytes + FrameCodec.CRC_BYTES;
            if (heldBytes() < end) {
                return Optional.empty();
            }
            var frame = codec.decode(held, at, payloadBytes);
            at += end;
            if (frame != null) {
                return Optional.of(frame);
            }
        }
        if (at == held.length()) {
            hold(NOTHING, false);
        }
        return Optional.empty();
    }

    /** Bytes that wait for the rest of their frame, or to be asked for. */
    public int heldBytes() {
        return held.length() - at;
    }

    /** Says that no more bytes come; fails with BAD_FRAME when a frame is cut off. */
    public void finish() {
        if (heldBytes() > 0) {
            throw Fault.BAD_FRAME.because("the last frame is cut off after %d bytes".formatted(heldBytes()));
        }
    }

    private void hold(Buffer bytes, boolean ours) {
        held = bytes;
        at = 0;
        owned = ours;
    }
}

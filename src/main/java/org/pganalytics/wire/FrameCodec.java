package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pganalytics.fault.Fault;

/**
 * Frames to bytes and back. A frame is a payload length (u32), a type, flags (0), two zeros, the payload, and a CRC-32C
 * over all of these; big-endian. Immutable, safe from any thread.
 */
public final class FrameCodec {
    /** Most bytes of any payload but that of a BATCH, and of a BATCH's header. */
    public static final int CONTROL_BYTES_MAX = 1 << 16;

    /** Bytes of a frame beside its payload. */
    public static final int OVERHEAD_BYTES = 12;

    /** No configuration may allow larger payloads. */
    public static final int PAYLOAD_BYTES_MAX = 1 << 30;

    static final int HEAD_BYTES = 8;
    static final int CRC_BYTES = 4;
    private static final int BATCH = 8;
    private static final int IGNORABLE = 0x80;
    private static final int HEADER_LENGTH_BYTES = 4;

    private final int payloadBytesMax;
    private final Map<Class<?>, FrameForm<?>> formByClass = new HashMap<>();
    private final FrameForm<?>[] formByType = new FrameForm<?>[256];

    /** @param payloadBytesMax most bytes of a BATCH's payload: its body and up to 64 KiB of header */
    public FrameCodec(int payloadBytesMax) {
        if (payloadBytesMax < 1 || payloadBytesMax > PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "payloads of %d bytes, allowed are 1 to %d".formatted(payloadBytesMax, PAYLOAD_BYTES_MAX));
        }
        this.payloadBytesMax = payloadBytesMax;
        Stream.of(SessionForms.ALL, FlowForms.ALL, ConfigForms.ALL)
                .flatMap(List::stream)
                .forEach(form -> {
                    formByClass.put(form.frame(), form);
                    formByType[form.type()] = form;
                });
    }

    /** Fails with TOO_LARGE for a batch beyond the limit; a frame that breaks its form is an IllegalArgumentException. */
    public Buffer encode(Frame frame) {
        if (frame instanceof Frame.BatchFrame batch) {
            return encode(batch);
        }
        var form = formByClass.get(frame.getClass());
        var payload = form.write(frame);
        return closed(head(form.type(), payload.length).appendBytes(payload));
    }

    private Buffer encode(Frame.BatchFrame batch) {
        var header = HeaderForm.write(batch.header());
        long length = (long) HEADER_LENGTH_BYTES + header.length + batch.body().length();
        if (length > payloadBytesMax) {
            throw Fault.TOO_LARGE.because(
                    "a batch of %d bytes, at most %d; send fewer rows at once".formatted(length, payloadBytesMax));
        }
        return closed(head(BATCH, (int) length)
                .appendInt(header.length)
                .appendBytes(header)
                .appendBuffer(batch.body()));
    }

    private static Buffer head(int type, int length) {
        return Buffer.buffer(length + OVERHEAD_BYTES)
                .appendInt(length)
                .appendByte((byte) type)
                .appendByte((byte) 0)
                .appendShort((short) 0);
    }

    private static Buffer closed(Buffer frame) {
        return frame.appendInt(Checksum.of(frame, 0, frame.length()));
    }

    /**
     * Returns the payload length that a head of {@link #HEAD_BYTES} bytes announces; checked, so that its bytes may be
     * waited for.
     */
    int payloadBytes(Buffer in, int offset) {
        long length = in.getUnsignedInt(offset);
        int type = in.getUnsignedByte(offset + 4);
        if (in.getByte(offset + 5) != 0 || in.getShort(offset + 6) != 0) {
            throw Fault.BAD_FRAME.because("flags and reserved bytes of a frame must be 0");
        }
        if (type != BATCH && type < IGNORABLE && formByType[type] == null) {
            throw Fault.BAD_FRAME.because("frame type %d is not known, and not ignorable".formatted(type));
        }
        long most = type == BATCH ? payloadBytesMax : Math.min(payloadBytesMax, CONTROL_BYTES_MAX);
        if (length > most) {
            throw Fault.BAD_FRAME.because(
                    "a frame of type %d announces %d bytes, at most %d".formatted(type, length, most));
        }
        return (int) length;
    }

    /** Decodes the whole frame at the offset; null when it is one to be ignored. A batch's body is a slice of {@code in}. */
    Frame decode(Buffer in, int offset, int payloadBytes) {
        int crcAt = offset + HEAD_BYTES + payloadBytes;
        if (in.getInt(crcAt) != Checksum.of(in, offset, crcAt)) {
            throw Fault.BAD_FRAME.because("the checksum of a frame of %d bytes differs".formatted(payloadBytes));
        }
        int type = in.getUnsignedByte(offset + 4);
        if (type == BATCH) {
            return batch(in, offset + HEAD_BYTES, crcAt);
        }
        return type >= IGNORABLE ? null : formByType[type].read(in.getBytes(offset + HEAD_BYTES, crcAt));
    }

    private static Frame.BatchFrame batch(Buffer in, int from, int end) {
        long headerBytes = end - from < HEADER_LENGTH_BYTES ? Long.MAX_VALUE : in.getUnsignedInt(from);
        if (headerBytes > Math.min(CONTROL_BYTES_MAX, end - from - HEADER_LENGTH_BYTES)) {
            throw Fault.BAD_FRAME.because("the header of a batch is larger than its frame or 64 KiB");
        }
        int bodyAt = from + HEADER_LENGTH_BYTES + (int) headerBytes;
        var header = HeaderForm.read(in.getBytes(from + HEADER_LENGTH_BYTES, bodyAt));
        return new Frame.BatchFrame(header, in.slice(bodyAt, end));
    }
}

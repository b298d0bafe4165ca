package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Writes the payload of a control frame: fields of a tag, a length and a value. */
final class FieldsOut {
    private final BytesOut out = new BytesOut(FrameCodec.CONTROL_BYTES_MAX);

    byte[] toArray() {
        return out.toArray();
    }

    FieldsOut u8(int tag, int value) {
        head(tag, 1).u8(value);
        return this;
    }

    FieldsOut u32(int tag, int value) {
        if (value < 0) {
            throw new IllegalArgumentException("field %d is %d, it must not be negative".formatted(tag, value));
        }
        head(tag, 4).u32(value);
        return this;
    }

    FieldsOut i64(int tag, long value) {
        head(tag, 8).i64(value);
        return this;
    }

    /** A number that is never below 0. */
    FieldsOut size(int tag, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("field %d is %d, it must not be negative".formatted(tag, value));
        }
        return i64(tag, value);
    }

    FieldsOut uuid(int tag, UUID value) {
        head(tag, 16).i64(value.getMostSignificantBits()).i64(value.getLeastSignificantBits());
        return this;
    }

    FieldsOut text(int tag, String value, int bytesMax) {
        if (value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("field %d has more than one line".formatted(tag));
        }
        return lines(tag, value, bytesMax);
    }

    /** Text that may hold ends of lines (U+000A). */
    FieldsOut lines(int tag, String value, int bytesMax) {
        var bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > bytesMax || Utf8.hasControls(value.replace("\n", ""))) {
            throw new IllegalArgumentException("field %d has %d bytes; allowed are %d, without control characters"
                    .formatted(tag, bytes.length, bytesMax));
        }
        return bytes(tag, bytes);
    }

    FieldsOut bytes(int tag, byte[] value) {
        if (value.length > 0xFFFF) {
            throw new IllegalArgumentException("field %d has %d bytes, at most 65535".formatted(tag, value.length));
        }
        head(tag, value.length).bytes(value);
        return this;
    }

    private BytesOut head(int tag, int length) {
        return out.u8(tag).u16(length);
    }
}

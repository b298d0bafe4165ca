package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Reads fields of a tag, a length and a value. Tags that nobody asks for are skipped: a later version sent them. */
final class FieldsIn {
    /** Tags that this version can ask for are below; all others belong to later versions. */
    private static final int TAGS = 32;

    private static final int TWICE = -1;

    private final byte[] bytes;
    /** Where the value of a tag begins; 0 when it is missing (no value begins there), TWICE when it stands twice. */
    private final int[] starts = new int[TAGS];

    private final int[] lengths = new int[TAGS];

    FieldsIn(byte[] bytes) {
        this.bytes = bytes;
        var in = new BytesIn(bytes, Fault.BAD_FRAME);
        while (in.remaining() > 0) {
            int tag = in.u8();
            int length = in.u16();
            int start = in.take(length, "field " + tag);
            if (tag < TAGS) {
                starts[tag] = starts[tag] == 0 ? start : TWICE;
                lengths[tag] = length;
            }
        }
    }

    boolean has(int tag) {
        return starts[tag] != 0;
    }

    int u8(int tag) {
        return exactly(tag, 1).u8();
    }

    /** A number of 32 bits that is never negative. */
    int u32(int tag) {
        long value = exactly(tag, 4).u32();
        if (value > Integer.MAX_VALUE) {
            throw bad(tag, "is %d, at most %d".formatted(value, Integer.MAX_VALUE));
        }
        return (int) value;
    }

    long i64(int tag) {
        return exactly(tag, 8).i64();
    }

    /** A number that is never below 0. */
    long size(int tag) {
        long value = i64(tag);
        if (value < 0) {
            throw bad(tag, "is negative");
        }
        return value;
    }

    UUID uuid(int tag) {
        var in = exactly(tag, 16);
        return new UUID(in.i64(), in.i64());
    }

    byte[] exactBytes(int tag, int length) {
        return exactly(tag, length).copy(length, "");
    }

    String text(int tag, int bytesMax) {
        var text = lines(tag, bytesMax);
        if (text.indexOf('\n') >= 0) {
            throw bad(tag, "has control characters");
        }
        return text;
    }

    /** Text that may hold ends of lines (U+000A). */
    String lines(int tag, int bytesMax) {
        int start = start(tag);
        if (lengths[tag] > bytesMax) {
            throw bad(tag, "has %d bytes, at most %d".formatted(lengths[tag], bytesMax));
        }
        if (!Utf8.isText(bytes, start, start + lengths[tag])) {
            throw bad(tag, "is not UTF-8 without NUL");
        }
        var text = new String(bytes, start, lengths[tag], StandardCharsets.UTF_8);
        if (Utf8.hasControls(text.replace("\n", ""))) {
            throw bad(tag, "has control characters");
        }
        return text;
    }

    BytesIn list(int tag) {
        int start = start(tag);
        return new BytesIn(bytes, start, start + lengths[tag], Fault.BAD_FRAME);
    }

    FaultException bad(int tag, String what) {
        return Fault.BAD_FRAME.because("field %d %s".formatted(tag, what));
    }

    private BytesIn exactly(int tag, int length) {
        start(tag);
        if (lengths[tag] != length) {
            throw bad(tag, "has %d bytes, it must have %d".formatted(lengths[tag], length));
        }
        return list(tag);
    }

    private int start(int tag) {
        if (starts[tag] == 0) {
            throw bad(tag, "is missing");
        }
        if (starts[tag] == TWICE) {
            throw bad(tag, "stands twice");
        }
        return starts[tag];
    }
}

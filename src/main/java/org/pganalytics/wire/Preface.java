package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import org.pganalytics.fault.Fault;

/**
 * The eight bytes with which each side begins a connection: the client says which versions it speaks, the server which
 * of them it chose.
 *
 * @param lowest 1 to {@code highest}
 * @param highest up to 255
 */
public record Preface(int lowest, int highest) {
    /** Length of the client's preface and of the server's answer. */
    public static final int BYTES = 8;

    /** The version that this code speaks. */
    public static final int VERSION = 1;

    /** What the answer says when there is no version in common; the server closes next. */
    public static final int NO_VERSION = 0;

    private static final int MAGIC = 0x50_47_41_4E;

    public Preface {
        if (lowest < 1 || highest < lowest || highest > 255) {
            throw new IllegalArgumentException(
                    "versions %d to %d: allowed are 1 <= lowest <= highest <= 255".formatted(lowest, highest));
        }
    }

    /** What this version of the code says first. */
    public static Preface ours() {
        return new Preface(VERSION, VERSION);
    }

    public Buffer encode() {
        return Buffer.buffer(BYTES)
                .appendInt(MAGIC)
                .appendByte((byte) lowest)
                .appendByte((byte) highest)
                .appendShort((short) 0);
    }

    /** Reads the first {@link #BYTES} bytes of a connection, all of them there; fails with BAD_FRAME. */
    public static Preface parse(Buffer bytes) {
        int lowest = bytes.getUnsignedByte(4);
        int highest = bytes.getUnsignedByte(5);
        if (bytes.getInt(0) != MAGIC || bytes.getShort(6) != 0 || lowest < 1 || highest < lowest) {
            throw Fault.BAD_FRAME.because("the connection does not begin with the preface of this protocol"
                    + " (PGAN, lowest version, highest version, two zeros)");
        }
        return new Preface(lowest, highest);
    }

    /** The version that a server of this code chooses, or {@link #NO_VERSION}. */
    public int choose() {
        return lowest <= VERSION && VERSION <= highest ? VERSION : NO_VERSION;
    }

    public static Buffer answer(int version) {
        return Buffer.buffer(BYTES)
                .appendInt(MAGIC)
                .appendByte((byte) version)
                .appendByte((byte) 0)
                .appendShort((short) 0);
    }

    /** Reads the server's answer; returns the version or {@link #NO_VERSION}, or fails with BAD_FRAME. */
    public static int parseAnswer(Buffer bytes) {
        if (bytes.getInt(0) != MAGIC || bytes.getByte(5) != 0 || bytes.getShort(6) != 0) {
            throw Fault.BAD_FRAME.because("the peer does not answer with the preface of this protocol");
        }
        return bytes.getUnsignedByte(4);
    }
}

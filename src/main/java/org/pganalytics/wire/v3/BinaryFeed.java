package org.pganalytics.wire.v3;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Reads the values of a binary push, so many at a time. For a worker. */
final class BinaryFeed {
    private static final int DEPTH_MAX = 64;
    private static final int NUMBER_BYTES = 8;

    private final InputStream in;
    private final Values out;
    /** Values that the arrays and objects around the next one still hold. */
    private final long[] left = new long[DEPTH_MAX];

    private final boolean[] objects = new boolean[DEPTH_MAX];
    private final Scalar scalar = new Scalar();
    private int depth;
    private boolean begun;

    BinaryFeed(InputStream in, Values out) {
        this.in = new BufferedInputStream(in, 64 << 10);
        this.out = out;
    }

    /**
     * Reads up to so many values. @return false when that was the last. Fails with UNDECODABLE, BAD_REQUEST or
     * TOO_LARGE
     */
    boolean read(int values) {
        try {
            for (int count = 0; count < values; count++) {
                closeFull();
                if (begun && depth == 0) {
                    return end();
                }
                begun = true;
                if (depth > 0) {
                    left[depth - 1]--;
                    if (objects[depth - 1]) {
                        name();
                    }
                }
                value();
            }
            return true;
        } catch (IOException broken) {
            throw Fault.UNDECODABLE.because("the compressed payload is broken: " + broken.getMessage());
        }
    }

    /** Lets go of what unpacks the payload, which is memory that Java does not see. */
    void close() {
        try {
            in.close();
        } catch (IOException impossible) {
            throw new IllegalStateException("bytes in memory can be let go of", impossible);
        }
    }

    private void closeFull() {
        while (depth > 0 && left[depth - 1] == 0) {
            depth--;
            if (objects[depth]) {
                out.endObject();
            } else {
                out.endArray();
            }
        }
    }

    private boolean end() throws IOException {
        if (in.read() >= 0) {
            throw Fault.UNDECODABLE.because("nothing may follow the push");
        }
        return false;
    }

    private void value() throws IOException {
        int tag = octet();
        if (depth == 0 && tag != 8) {
            throw Fault.UNDECODABLE.because("a push is an object");
        }
        switch (tag) {
            case 0 -> out.value(scalar.nothing());
            case 1 -> out.value(scalar.truth(octet() != 0));
            case 2 -> out.value(scalar.whole(number(4).getInt()));
            case 3 -> out.value(scalar.whole(number(8).getLong()));
            case 4 -> out.value(scalar.fraction(number(4).getFloat()));
            case 5 -> out.value(scalar.fraction(number(8).getDouble()));
            case 6 -> out.value(scalar.text(text()));
            case 7, 8 -> begin(tag == 8);
            default -> throw Fault.UNDECODABLE.because("%d is the tag of no value".formatted(tag));
        }
    }

    private void begin(boolean object) throws IOException {
        if (depth == DEPTH_MAX) {
            throw Fault.UNDECODABLE.because("the push is nested deeper than %d levels".formatted(DEPTH_MAX));
        }
        left[depth] = length(Integer.MAX_VALUE);
        objects[depth] = object;
        depth++;
        if (object) {
            out.beginObject();
        } else {
            out.beginArray();
        }
    }

    private int octet() throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw cutOff();
        }
        return octet;
    }

    private ByteBuffer number(int bytes) throws IOException {
        var read = in.readNBytes(bytes);
        if (read.length < bytes || bytes > NUMBER_BYTES) {
            throw cutOff();
        }
        return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void name() throws IOException {
        scalar.text(text());
        out.name(scalar.bytes(), scalar.from(), scalar.to());
    }

    private String text() throws IOException {
        int length = (int) length(JsonFeed.STRING_LENGTH_MAX);
        // Grows as bytes come, whatever length is claimed.
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw cutOff();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private long length(int max) throws IOException {
        long length = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int octet = octet();
            length |= (long) (octet & 0x7F) << shift;
            if ((octet & 0x80) == 0) {
                if (length > max) {
                    throw Fault.UNDECODABLE.because("a length of %d, allowed are up to %d".formatted(length, max));
                }
                return length;
            }
        }
        throw Fault.UNDECODABLE.because("a length of more than five bytes");
    }

    private static FaultException cutOff() {
        return Fault.BAD_REQUEST.because("the push is cut off");
    }
}

package org.pganalytics.wire;

import java.util.Arrays;

/** Integers to bytes and back, in the encoding that is shortest. */
final class IntColumn {
    /** Of fewer values nothing can be learned. */
    private static final int MODELLED_MIN = 8;

    /** In the body a column's bytes have no frame of their own. */
    private static final int ZSTD_FRAME_BYTES = 9;

    private IntColumn() {}

    /**
     * Writes the first {@code count} values, at least one.
     *
     * @param beside what stands beside the column, to be modelled where that is shorter; null: never modelled
     */
    static void write(long[] values, int count, BytesOut out, Beside beside) {
        if (beside == null || count < MODELLED_MIN || Shape.of(values, count).width == 0) {
            writePlain(values, count, out);
            return;
        }
        long divisor = divisor(values, count);
        if (divisor > 1) {
            writeUnscaled(
                    divided(values, count, divisor),
                    count,
                    out.u8(Encoding.SCALED).uvarint(divisor),
                    beside);
        } else {
            writeUnscaled(values, count, out, beside);
        }
    }

    private static void writeUnscaled(long[] values, int count, BytesOut out, Beside beside) {
        var plain = beside.drafts().plain();
        writePlain(values, count, plain);
        var modelled = beside.drafts().modelled();
        ModelledColumn.write(values, count, beside, modelled.u8(Encoding.MODELLED));
        boolean pays = modelled.length() < plain.length()
                && modelled.length() < beside.drafts().compressedBytes(plain) - ZSTD_FRAME_BYTES;
        var shorter = pays ? modelled : plain;
        out.bytes(shorter.array(), shorter.length());
    }

    private static void writePlain(long[] values, int count, BytesOut out) {
        var shape = Shape.of(values, count);
        if (shape.width == 0) {
            out.u8(Encoding.CONSTANT).svarint(values[0]);
        } else if (shape.packedPays()) {
            writePacked(values, count, shape, out);
        } else if (shape.deltaBytes < shape.varintBytes) {
            out.u8(Encoding.DELTA).svarint(values[0]);
            for (int row = 1; row < count; row++) {
                out.svarint(values[row] - values[row - 1]);
            }
        } else {
            out.u8(Encoding.VARINT);
            for (int row = 0; row < count; row++) {
                out.svarint(values[row]);
            }
        }
    }

    /** About how many bits the first {@code count} values take when they are modelled. */
    static long bits(long[] values, int count) {
        long bits = 0;
        int others = 0;
        for (int row = 0; row < count; row++) {
            bits += values[row] == 0 ? 0 : 3 + NumberModel.size(values[row]);
            others += values[row] == 0 ? 0 : 1;
        }
        return count < MODELLED_MIN ? bits : bits - (long) others * (NumberModel.size(divisor(values, count)) - 1);
    }

    /** The greatest number that divides the first {@code count} values; 1 when there is none, or all are 0. */
    private static long divisor(long[] values, int count) {
        long divisor = 0;
        for (int row = 0; row < count && divisor != 1; row++) {
            long rest = Math.abs(values[row]);
            while (rest > 0) {
                long before = rest;
                rest = divisor % rest;
                divisor = before;
            }
            if (rest < 0) {
                return 1;
            }
        }
        return Math.max(1, divisor);
    }

    private static long[] divided(long[] values, int count, long divisor) {
        var divided = new long[count];
        for (int row = 0; row < count; row++) {
            divided[row] = values[row] / divisor;
        }
        return divided;
    }

    /** About how many bytes the first {@code count} values take. */
    static long estimate(long[] values, int count) {
        var shape = Shape.of(values, count);
        return shape.width == 0 ? 1 : Math.min(shape.varintBytes, shape.deltaBytes);
    }

    /** Reads {@code count} values, which the caller has found to be allowed. */
    static long[] read(int count, BytesIn in, Beside beside) {
        return read(in.u8(), count, in, beside);
    }

    static long[] read(int encoding, int count, BytesIn in, Beside beside) {
        if (encoding != Encoding.SCALED) {
            return readUnscaled(encoding, count, in, beside);
        }
        long divisor = in.uvarint();
        var values = readUnscaled(in.u8(), count, in, beside);
        for (int row = 0; row < count; row++) {
            values[row] *= divisor;
        }
        return values;
    }

    private static long[] readUnscaled(int encoding, int count, BytesIn in, Beside beside) {
        switch (encoding) {
            case Encoding.MODELLED:
                return ModelledColumn.read(count, in, beside);
            case Encoding.CONSTANT:
                return constant(count, in);
            case Encoding.VARINT:
                return varints(count, in);
            case Encoding.DELTA:
                return deltas(count, in);
            case Encoding.PACKED:
                return packed(count, in);
            default:
                throw in.bad("encoding %d of integers is not known".formatted(encoding));
        }
    }

    private static long[] constant(int count, BytesIn in) {
        var values = new long[count];
        Arrays.fill(values, in.svarint());
        return values;
    }

    private static long[] varints(int count, BytesIn in) {
        needs(count, in);
        var values = new long[count];
        in.svarints(values);
        return values;
    }

    private static long[] deltas(int count, BytesIn in) {
        var values = varints(count, in);
        for (int row = 1; row < count; row++) {
            values[row] += values[row - 1];
        }
        return values;
    }

    private static void needs(int count, BytesIn in) {
        if (count > in.remaining()) {
            throw in.bad("%d numbers need as many bytes, %d are left".formatted(count, in.remaining()));
        }
    }

    private static void writePacked(long[] values, int count, Shape shape, BytesOut out) {
        out.u8(Encoding.PACKED).svarint(shape.min).u8(shape.width);
        int at = out.length();
        out.room(packedBytes(count, shape.width));
        var bytes = out.array();
        long bit = 0;
        for (int row = 0; row < count; row++) {
            long rest = values[row] - shape.min;
            for (int left = shape.width; left > 0; ) {
                int inByte = (int) (bit & 7);
                bytes[at + (int) (bit >>> 3)] |= (byte) (rest << inByte);
                int done = Math.min(8 - inByte, left);
                rest >>>= done;
                left -= done;
                bit += done;
            }
        }
    }

    private static long[] packed(int count, BytesIn in) {
        long min = in.svarint();
        int width = in.u8();
        if (width < 1 || width > 64) {
            throw in.bad("%d bits a number, allowed are 1 to 64".formatted(width));
        }
        int length = packedBytes(count, width);
        int at = in.take(length, "packed numbers");
        var bytes = in.array();
        var values = new long[count];
        long bit = 0;
        for (int row = 0; row < count; row++) {
            long value = 0;
            for (int have = 0; have < width; ) {
                int inByte = (int) (bit & 7);
                int done = Math.min(8 - inByte, width - have);
                long part = (bytes[at + (int) (bit >>> 3)] & 0xFFL) >>> inByte & (1 << done) - 1;
                value |= part << have;
                have += done;
                bit += done;
            }
            values[row] = min + value;
        }
        int spare = (int) (8L * length - bit);
        if (spare > 0 && (bytes[at + length - 1] & 0xFF) >>> 8 - spare != 0) {
            throw in.bad("bits after the last packed number are not 0");
        }
        return values;
    }

    /** At most 8 bytes a row, and rows are limited to ten million. */
    private static int packedBytes(int count, int width) {
        return (int) (((long) count * width + 7) >>> 3);
    }

    /** What the values look like, found in one pass. */
    private static final class Shape {
        private final int count;
        private final long min;
        private final int width;
        private final long varintBytes;
        private final long deltaBytes;

        private Shape(int count, long min, int width, long varintBytes, long deltaBytes) {
            this.count = count;
            this.min = min;
            this.width = width;
            this.varintBytes = varintBytes;
            this.deltaBytes = deltaBytes;
        }

        static Shape of(long[] values, int count) {
            long min = values[0];
            long max = values[0];
            long varints = 0;
            long deltas = 0;
            long previous = 0;
            for (int row = 0; row < count; row++) {
                long value = values[row];
                min = Math.min(min, value);
                max = Math.max(max, value);
                varints += BytesOut.uvarintBytes(BytesOut.zigzag(value));
                deltas += BytesOut.uvarintBytes(BytesOut.zigzag(value - previous));
                previous = value;
            }
            return new Shape(count, min, 64 - Long.numberOfLeadingZeros(max - min), varints, deltas);
        }

        /** Packed bits hide repetitions from zstd, so they must save a good part to pay. */
        boolean packedPays() {
            return width < 64 && packedBytes(count, width) * 4L < Math.min(varintBytes, deltaBytes) * 3L;
        }
    }
}

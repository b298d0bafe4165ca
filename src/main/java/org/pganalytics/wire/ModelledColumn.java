package org.pganalytics.wire;

/** Integers to bytes and back by a model of what is likely, see {@link NumberModel}; slower than the plain encodings. */
final class ModelledColumn {
    /** Instead of a column: the size of the value before it says what is likely. */
    private static final int VALUE_BEFORE = 254;

    private static final int COLUMNS_TRIED = 8;
    private static final double LOG_2 = Math.log(2);

    private ModelledColumn() {}

    /** Writes all but the encoding's byte. */
    static void write(long[] values, int count, Beside beside, BytesOut out) {
        int back = context(values, count, beside);
        var bits = new BytesOut(Integer.MAX_VALUE - 16);
        var copied = new BytesOut(Integer.MAX_VALUE - 16);
        var coder = new BitsOut(bits, copied);
        code(coder, values, count, back, beside);
        coder.finish();
        out.u8(back).uvarint(bits.length()).bytes(bits.array(), bits.length());
        out.bytes(copied.array(), copied.length());
    }

    static long[] read(int count, BytesIn in, Beside beside) {
        int back = in.u8();
        if (back != 0 && back != VALUE_BEFORE && beside.contexts(back) == null) {
            throw in.bad("context %d is no column of numbers".formatted(back));
        }
        int length = in.count("coded bytes", 0, in.remaining());
        var coder = new BitsIn(in, length);
        var values = new long[count];
        code(coder, values, count, back, beside);
        coder.finish();
        return values;
    }

    private static void code(BitCoder coder, long[] values, int count, int back, Beside beside) {
        var model = beside.model();
        var contexts = back == 0 || back == VALUE_BEFORE ? null : beside.contexts(back);
        int context = 0;
        for (int row = 0; row < count; row++) {
            context = contexts == null ? context : contexts[row];
            values[row] = model.code(coder, values[row], context);
            if (back == VALUE_BEFORE) {
                context = NumberModel.context(NumberModel.size(values[row]));
            }
        }
    }

    /** The context that makes the sizes of these values the least surprising. */
    private static int context(long[] values, int count, Beside beside) {
        var sizes = new int[count];
        var shifted = new int[count];
        for (int row = 0; row < count; row++) {
            sizes[row] = NumberModel.size(values[row]);
            shifted[row] = row == 0 ? 0 : NumberModel.context(sizes[row - 1]);
        }
        int best = 0;
        double least = surprise(sizes, new int[count]);
        double ofShifted = surprise(sizes, shifted);
        if (ofShifted < least) {
            best = VALUE_BEFORE;
            least = ofShifted;
        }
        for (int tried = 0; tried <= COLUMNS_TRIED; tried++) {
            int back = tried == 0 ? Beside.BEFORE : tried;
            var contexts = beside.contexts(back);
            double bits = contexts == null ? Double.MAX_VALUE : surprise(sizes, contexts);
            if (bits < least) {
                best = back;
                least = bits;
            }
        }
        return best;
    }

    /** About how many bits the sizes take in these contexts, learning included. */
    private static double surprise(int[] sizes, int[] contexts) {
        var seen = new int[NumberModel.CONTEXTS * 66];
        double nats = 0;
        for (int row = 0; row < sizes.length; row++) {
            int context = contexts[row] * 66;
            int all = seen[context + 65]++;
            int same = seen[context + sizes[row]]++;
            nats -= Math.log((same + 0.05) / (all + 0.05 * 65));
        }
        return nats / LOG_2;
    }
}

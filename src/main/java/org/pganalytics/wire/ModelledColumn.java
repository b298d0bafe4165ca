package org.pganalytics.wire;

/** Integers to bytes and back by a model of what is likely, see {@link NumberModel}; slower than the plain encodings. */
final class ModelledColumn {
    /** Instead of a column: the size of the value before it says what is likely. */
    private static final int VALUE_BEFORE = 254;

    private static final int COLUMNS_TRIED = 8;

    private ModelledColumn() {}

    /** Writes all but the encoding's byte; the values are the same afterwards. */
    static void write(long[] values, int count, Beside beside, BytesOut out) {
        int back = context(values, count, beside);
        var bits = beside.drafts().coded();
        var copied = beside.drafts().copied();
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
        var counts = beside.drafts().sizes();
        double least = counts.surprise(sizes, null, count, Double.MAX_VALUE);
        double ofShifted = counts.surprise(sizes, shifted, count, least);
        if (ofShifted < least) {
            best = VALUE_BEFORE;
            least = ofShifted;
        }
        for (int tried = 0; tried <= COLUMNS_TRIED; tried++) {
            int back = tried == 0 ? Beside.BEFORE : tried;
            var contexts = beside.contexts(back);
            double found = contexts == null ? Double.MAX_VALUE : counts.surprise(sizes, contexts, count, least);
            if (found < least) {
                best = back;
                least = found;
            }
        }
        return best;
    }
}

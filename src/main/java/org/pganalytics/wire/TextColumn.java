package org.pganalytics.wire;

import java.util.Arrays;
import org.pganalytics.model.ColumnVector;

/** Texts to bytes and back: a dictionary of those that occur, and indexes into it unless each occurs once. */
final class TextColumn {
    private TextColumn() {}

    /** Writes the values that are not null, at least one. */
    static void write(ColumnVector.Texts texts, BytesOut out) {
        var numbers = new int[texts.dictionary().length];
        Arrays.fill(numbers, -1);
        var used = new int[texts.dictionary().length];
        var indexes = new int[texts.rows()];
        int distinct = 0;
        int count = 0;
        for (int index : texts.indexes()) {
            if (index >= 0) {
                if (numbers[index] < 0) {
                    used[distinct] = index;
                    numbers[index] = distinct++;
                }
                indexes[count++] = numbers[index];
            }
        }
        writeIndexed(texts.dictionary(), Arrays.copyOf(used, distinct), Arrays.copyOf(indexes, count), out);
    }

    private static void writeIndexed(byte[][] dictionary, int[] used, int[] indexes, BytesOut out) {
        if (used.length == 1) {
            var only = dictionary[used[0]];
            out.u8(Encoding.CONSTANT).uvarint(only.length).bytes(only);
        } else if (used.length == indexes.length) {
            writeTexts(dictionary, used, out.u8(Encoding.PLAIN));
        } else if (runs(indexes) * 2 < indexes.length) {
            writeTexts(dictionary, used, out.u8(Encoding.RUNS).uvarint(used.length));
            writeRuns(indexes, out);
        } else {
            writeTexts(dictionary, used, out.u8(Encoding.DICTIONARY).uvarint(used.length));
            for (int index : indexes) {
                out.uvarint(index);
            }
        }
    }

    private static void writeTexts(byte[][] dictionary, int[] used, BytesOut out) {
        for (int index : used) {
            out.uvarint(dictionary[index].length);
        }
        for (int index : used) {
            out.bytes(dictionary[index]);
        }
    }

    private static int runs(int[] indexes) {
        int runs = 1;
        for (int row = 1; row < indexes.length; row++) {
            runs += indexes[row] == indexes[row - 1] ? 0 : 1;
        }
        return runs;
    }

    private static void writeRuns(int[] indexes, BytesOut out) {
        int from = 0;
        for (int row = 1; row <= indexes.length; row++) {
            if (row == indexes.length || indexes[row] != indexes[from]) {
                out.uvarint(row - from).uvarint(indexes[from]);
                from = row;
            }
        }
    }

    /** Reads {@code count} values, which the caller has found to be allowed; none of them is null. */
    static ColumnVector.Texts read(int count, BytesIn in) {
        int encoding = in.u8();
        switch (encoding) {
            case Encoding.CONSTANT:
                return new ColumnVector.Texts(texts(1, in), new int[count]);
            case Encoding.PLAIN:
                var plain = texts(count, in);
                var ascending = new int[count];
                Arrays.setAll(ascending, row -> row);
                return new ColumnVector.Texts(plain, ascending);
            case Encoding.DICTIONARY:
                var dictionary = texts(in.count("texts", 1, count), in);
                return new ColumnVector.Texts(dictionary, indexes(count, dictionary.length, in));
            case Encoding.RUNS:
                var ofRuns = texts(in.count("texts", 1, count), in);
                return new ColumnVector.Texts(ofRuns, runs(count, ofRuns.length, in));
            default:
                throw in.bad("encoding %d of texts is not known".formatted(encoding));
        }
    }

    private static byte[][] texts(int count, BytesIn in) {
        if (count > in.remaining()) {
            throw in.bad("%d texts need as many bytes, %d are left".formatted(count, in.remaining()));
        }
        var lengths = new int[count];
        for (int index = 0; index < count; index++) {
            lengths[index] = in.count("a text's length", 0, in.remaining());
        }
        var texts = new byte[count][];
        for (int index = 0; index < count; index++) {
            texts[index] = in.copy(lengths[index], "a text");
            if (!Utf8.isText(texts[index], 0, texts[index].length)) {
                throw in.bad("a text is not UTF-8 without NUL");
            }
        }
        return texts;
    }

    private static int[] indexes(int count, int distinct, BytesIn in) {
        var indexes = new int[count];
        for (int row = 0; row < count; row++) {
            indexes[row] = in.count("a text's index", 0, distinct - 1);
        }
        return indexes;
    }

    private static int[] runs(int count, int distinct, BytesIn in) {
        var indexes = new int[count];
        for (int row = 0; row < count; ) {
            int run = in.count("a run's length", 1, count - row);
            Arrays.fill(indexes, row, row + run, in.count("a text's index", 0, distinct - 1));
            row += run;
        }
        return indexes;
    }
}

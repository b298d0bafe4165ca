package org.pganalytics.wire.v3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Looks for the quote at the end of a text of JSON, eight bytes at a time; when the text goes on beyond the bytes that are
 * there, the next look begins where this one ended.
 */
final class TextEnd {
    /** The text goes on. */
    static final int CUT = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;
    private static final long QUOTES = '"' * ONES;
    private static final long ESCAPES = '\\' * ONES;
    private static final long SPACES = ' ' * ONES;
    private static final char REPLACEMENT = '\uFFFD';

    /** Bytes of the text that were looked at. */
    private int seen;

    private boolean escapes;
    private boolean controls;
    private boolean ascii;

    /** @param begin behind its first quote @param end of the bytes. Returns the other quote's place, or CUT */
    int find(byte[] bytes, int begin, int end) {
        if (seen == 0) {
            escapes = false;
            controls = false;
            ascii = true;
        }
        int at = stop(bytes, begin + seen, end);
        while (at < end && bytes[at] != '"') {
            int next = at + note(bytes[at]);
            if (next > end) {
                break;
            }
            at = stop(bytes, next, end);
        }
        boolean found = at < end && bytes[at] == '"';
        seen = found ? 0 : at - begin;
        return found ? at : CUT;
    }

    /** @return how many bytes are no end of the text, from that one on */
    private int note(byte octet) {
        if (octet == '\\') {
            escapes = true;
            return 2;
        }
        controls |= octet >= 0;
        ascii &= octet >= 0;
        return 1;
    }

    /** Whether the text has a control character, which JSON does not allow. */
    boolean isBroken() {
        return controls;
    }

    /** Whether the bytes of the text that was found are its UTF-8. */
    boolean isPlain(byte[] bytes, int from, int to) {
        // What is no UTF-8 has the replacement in its String; a text that has it anyway is as well taken for odd.
        return !escapes
                && !controls
                && (ascii || new String(bytes, from, to - from, StandardCharsets.UTF_8).indexOf(REPLACEMENT) < 0);
    }

    /** The next quote, escape, control character or byte beyond ASCII. */
    private static int stop(byte[] bytes, int from, int end) {
        int at = from;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, at);
            // The lowest high bit is that of such a byte; those above may be borrowed from it.
            long stops = (eight | eight - SPACES | (eight ^ QUOTES) - ONES | (eight ^ ESCAPES) - ONES) & HIGHS;
            if (stops != 0) {
                return at + Long.numberOfTrailingZeros(stops) / Byte.SIZE;
            }
        }
        while (at < end && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }
}

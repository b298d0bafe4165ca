package org.pganalytics.wire;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Which bytes are text that PostgreSQL takes: valid UTF-8 without NUL. */
final class Utf8 {
    private Utf8() {}

    static boolean isText(byte[] bytes, int from, int end) {
        for (int at = from; at < end; at++) {
            if (bytes[at] == 0) {
                return false;
            }
        }
        for (int at = from; at < end; at++) {
            if (bytes[at] < 0) {
                return isUtf8(bytes, at, end);
            }
        }
        return true;
    }

    /** UTF-8 of a text that may hold half a surrogate pair (JSON can say that); null when it does. */
    static byte[] utf8OrNull(String text) {
        try {
            var bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            var exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException loneSurrogate) {
            return null;
        }
    }

    static boolean hasControls(String text) {
        return text.chars().anyMatch(Utf8::isControl);
    }

    /** As a control frame may carry it: no control characters, and at most so many bytes. */
    static String oneLine(String text, int bytesMax) {
        var line = new StringBuilder();
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            boolean isHalf = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
            var shown = isControl(point) || isHalf ? " " : Character.toString(point);
            bytes += shown.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > bytesMax) {
                break;
            }
            line.append(shown);
        }
        return line.toString();
    }

    private static boolean isControl(int point) {
        return point < 0x20 || point == 0x7F;
    }

    private static boolean isUtf8(byte[] bytes, int from, int end) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, end - from));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }
}

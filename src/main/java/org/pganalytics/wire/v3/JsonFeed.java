package org.pganalytics.wire.v3;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Reads a push in JSON from pieces of any size; of the text it holds the piece it is fed, and the token that was cut by
 * the end of the one before. Most of what a server does for a push is done here, so plain tokens are read in their bytes;
 * what is not plain is left to Jackson.
 */
final class JsonFeed {
    /** Longest text: of a statement, say; in bytes. */
    static final int STRING_LENGTH_MAX = 16 << 20;

    static final int NUMBER_LENGTH_MAX = 100;
    static final int NAME_LENGTH_MAX = 1_024;
    /** A name may be written in escapes of so many bytes for one of its own. */
    private static final int ESCAPE_BYTES = 6;

    private static final int DEPTH_MAX = 64;

    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    /** What may come. */
    private enum Awaited {
        PUSH,
        NAME_OR_END,
        NAME,
        COLON,
        VALUE_OR_END,
        VALUE,
        COMMA_OR_END
    }

    private final Values out;
    private final Scalar scalar = new Scalar();
    private final TextEnd textEnd = new TextEnd();
    private final Numbers numbers = new Numbers();
    private final OddTokens odd = new OddTokens();
    private final boolean[] arrays = new boolean[DEPTH_MAX];
    private int depth;
    private Awaited awaited = Awaited.PUSH;

    /** Of the text; those from {@code at} to {@code end} are to be read. */
    private byte[] bytes = new byte[0];

    private int at;
    private int end;
    /** Bytes of the text before those. */
    private long passed;

    private long sinceToken;

    JsonFeed(Values out) {
        this.out = out;
    }

    /** Takes a piece, which nobody may write to afterwards. Fails with UNDECODABLE; then nothing more may be fed. */
    void feed(byte[] json) {
        sinceToken += json.length;
        append(json);
        try {
            skipSpace();
            while (at < end && step(bytes[at])) {
                skipSpace();
            }
        } catch (JsonProcessingException broken) {
            throw refused(printable(broken.getOriginalMessage()));
        }
        if (sinceToken > STRING_LENGTH_MAX) {
            throw Fault.UNDECODABLE.because("a value may have %d bytes".formatted(STRING_LENGTH_MAX));
        }
    }

    /** The text is complete. Fails with BAD_REQUEST when it is cut off. */
    void end() {
        if (depth > 0 || awaited == Awaited.PUSH) {
            throw Fault.BAD_REQUEST.because("the push is cut off");
        }
    }

    /** Held for a token that is cut by the end of a piece: the buffer that it stands in. */
    long bytes() {
        return at < end ? bytes.length : 0;
    }

    private void append(byte[] json) {
        int left = end - at;
        if (left == 0) {
            passed += end;
            bytes = json;
            at = 0;
            end = json.length;
            return;
        }
        if (json.length > bytes.length - end) {
            // With room to spare, or a long token would be moved with each of its pieces.
            var longer = new byte[2 * left + json.length];
            System.arraycopy(bytes, at, longer, 0, left);
            passed += at;
            bytes = longer;
            at = 0;
            end = left;
        }
        System.arraycopy(json, 0, bytes, end, json.length);
        end += json.length;
    }

    private void skipSpace() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }

    /** Reads a token or a mark between two; returns false when it is cut by the end of the bytes. */
    private boolean step(byte next) throws JsonProcessingException {
        return switch (awaited) {
            case PUSH -> push(next);
            case NAME_OR_END -> next == '}' ? close() : name(next);
            case NAME -> name(next);
            case COLON -> colon(next);
            case VALUE_OR_END -> next == ']' ? close() : value(next);
            case VALUE -> value(next);
            case COMMA_OR_END -> more(next);
        };
    }

    private boolean push(byte next) {
        if (next != '{') {
            throw refused("a push is an object");
        }
        return open(false);
    }

    private boolean colon(byte next) {
        if (next != ':') {
            throw refused("a colon is missing");
        }
        at++;
        awaited = Awaited.VALUE;
        return true;
    }

    private boolean more(byte next) {
        if (depth == 0) {
            throw refused("nothing may follow the push");
        }
        boolean array = arrays[depth - 1];
        if (next == ',') {
            at++;
            awaited = array ? Awaited.VALUE : Awaited.NAME;
            return true;
        }
        if (next != (array ? ']' : '}')) {
            throw refused("a comma or the end of the %s is missing".formatted(array ? "array" : "object"));
        }
        return close();
    }

    private boolean value(byte next) throws JsonProcessingException {
        return switch (next) {
            case '"' -> text();
            case '{' -> open(false);
            case '[' -> open(true);
            case 't' -> word(TRUE, scalar.truth(true));
            case 'f' -> word(FALSE, scalar.truth(false));
            case 'n' -> word(NULL, scalar.nothing());
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw refused("a value is missing");
        };
    }

    private boolean open(boolean array) {
        if (depth == DEPTH_MAX) {
            throw refused("the push is nested deeper than %d levels".formatted(DEPTH_MAX));
        }
        arrays[depth++] = array;
        at++;
        sinceToken = 0;
        awaited = array ? Awaited.VALUE_OR_END : Awaited.NAME_OR_END;
        if (array) {
            out.beginArray();
        } else {
            out.beginObject();
        }
        return true;
    }

    private boolean close() {
        depth--;
        at++;
        sinceToken = 0;
        awaited = Awaited.COMMA_OR_END;
        if (arrays[depth]) {
            out.endArray();
        } else {
            out.endObject();
        }
        return true;
    }

    private boolean name(byte next) throws JsonProcessingException {
        if (next != '"') {
            throw refused("a name in quotes is missing");
        }
        int close = textEnd.find(bytes, at + 1, end);
        if ((close < 0 ? end : close) - at > ESCAPE_BYTES * NAME_LENGTH_MAX + 1) {
            throw refused("a name may have %d bytes".formatted(NAME_LENGTH_MAX));
        }
        if (close < 0) {
            return cut();
        }
        if (close - at - 1 <= NAME_LENGTH_MAX && textEnd.isPlain(bytes, at + 1, close)) {
            out.name(bytes, at + 1, close);
        } else {
            var name = odd.name(bytes, at, close + 1).getBytes(StandardCharsets.UTF_8);
            out.name(name, 0, name.length);
        }
        at = close + 1;
        sinceToken = 0;
        awaited = Awaited.COLON;
        return true;
    }

    private boolean text() throws JsonProcessingException {
        int close = textEnd.find(bytes, at + 1, end);
        if (close < 0) {
            return cut();
        }
        if (close - at - 1 <= STRING_LENGTH_MAX && textEnd.isPlain(bytes, at + 1, close)) {
            return scalar(scalar.text(bytes, at + 1, close), close + 1);
        }
        return scalar(odd.read(bytes, at, close + 1, scalar), close + 1);
    }

    private boolean cut() {
        if (textEnd.isBroken()) {
            throw refused("a control character in a text, which has to be escaped");
        }
        return false;
    }

    private boolean number() throws JsonProcessingException {
        int close = Numbers.end(bytes, at, end);
        if (close - at > NUMBER_LENGTH_MAX) {
            throw refused("a number may have %d digits".formatted(NUMBER_LENGTH_MAX));
        }
        if (close == end) {
            return false;
        }
        if (!numbers.read(bytes, at, close, scalar)) {
            odd.read(bytes, at, close, scalar);
        }
        return scalar(scalar, close);
    }

    private boolean word(byte[] word, Scalar value) {
        int there = Math.min(word.length, end - at);
        if (!Arrays.equals(bytes, at, at + there, word, 0, there)) {
            throw refused("a value is missing");
        }
        return there == word.length && scalar(value, at + there);
    }

    /** @param next the place behind it */
    private boolean scalar(Scalar value, int next) {
        at = next;
        sinceToken = 0;
        awaited = Awaited.COMMA_OR_END;
        out.value(value);
        return true;
    }

    private FaultException refused(String why) {
        return Fault.UNDECODABLE.because("at byte %d: %s".formatted(passed + at, why));
    }

    private static String printable(String text) {
        var shown = text.replaceAll("\\p{Cntrl}", " ");
        return shown.length() <= 200 ? shown : shown.substring(0, 200);
    }
}

package org.pganalytics.wire.v3;

import java.nio.charset.StandardCharsets;

/**
 * A value of a push that is no object and no array. One is written over by the next: a push has millions, and an object
 * for each would be what reading it costs.
 */
final class Scalar {
    /** What it is. */
    enum Kind {
        NOTHING,
        WHOLE,
        FRACTION,
        TRUTH,
        TEXT
    }

    private Kind kind = Kind.NOTHING;
    private long number;
    private double fraction;
    private byte[] bytes = new byte[0];
    private int from;
    private int to;

    Scalar nothing() {
        kind = Kind.NOTHING;
        return this;
    }

    Scalar whole(long value) {
        kind = Kind.WHOLE;
        number = value;
        return this;
    }

    Scalar fraction(double value) {
        kind = Kind.FRACTION;
        fraction = value;
        return this;
    }

    Scalar truth(boolean value) {
        kind = Kind.TRUTH;
        number = value ? 1 : 0;
        return this;
    }

    /** @param utf8 with the text in it @param begin its first byte @param end after its last one */
    Scalar text(byte[] utf8, int begin, int end) {
        kind = Kind.TEXT;
        bytes = utf8;
        from = begin;
        to = end;
        return this;
    }

    /** Half a surrogate pair, which JSON can say, becomes a question mark. */
    Scalar text(String value) {
        var utf8 = value.getBytes(StandardCharsets.UTF_8);
        return text(utf8, 0, utf8.length);
    }

    Kind kind() {
        return kind;
    }

    long whole() {
        return number;
    }

    double fraction() {
        return fraction;
    }

    boolean truth() {
        return number != 0;
    }

    /** In which its UTF-8 is. */
    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** As a text, whatever it is. */
    @Override
    public String toString() {
        return switch (kind) {
            case NOTHING -> "";
            case WHOLE -> Long.toString(number);
            case FRACTION -> Double.toString(fraction);
            case TRUTH -> Boolean.toString(truth());
            case TEXT -> new String(bytes, from, to - from, StandardCharsets.UTF_8);
        };
    }
}

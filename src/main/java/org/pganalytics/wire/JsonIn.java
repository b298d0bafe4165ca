package org.pganalytics.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Walks through JSON token by token; whatever is wrong is one fault that says where. */
final class JsonIn implements AutoCloseable {
    private static final int DEPTH_MAX = 8;
    private static final int NAME_LENGTH_MAX = 256;
    private static final int NUMBER_LENGTH_MAX = 100;
    private static final int DETAIL_LENGTH_MAX = 300;
    private static final int TIME_LENGTH_MAX = 40;

    /** Larger numbers may have been rounded by whoever wrote them. */
    private static final long EXACT_MAX = (1L << 53) - 1;

    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,19}");

    private final JsonParser parser;
    private Fault fault = Fault.BAD_REQUEST;

    /** @param factory of {@link #factory} */
    JsonIn(JsonFactory factory, byte[] json) {
        try {
            parser = factory.createParser(json);
        } catch (IOException impossible) {
            throw new IllegalStateException("a byte array can be read", impossible);
        }
    }

    static JsonFactory factory(int stringLengthMax) {
        return JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEPTH_MAX)
                        .maxNameLength(NAME_LENGTH_MAX)
                        .maxNumberLength(NUMBER_LENGTH_MAX)
                        .maxStringLength(stringLengthMax)
                        .build())
                .build();
    }

    /** Which fault is thrown from now on. */
    void failWith(Fault next) {
        fault = next;
    }

    JsonToken next() {
        try {
            return parser.nextToken();
        } catch (IOException broken) {
            throw bad(broken);
        }
    }

    /** Steps to the next token, which must begin an object. */
    void object(String what) {
        if (next() != JsonToken.START_OBJECT) {
            throw bad(what + " must be an object");
        }
    }

    /** Steps to the next token, which must begin an array. */
    void array(String what) {
        if (next() != JsonToken.START_ARRAY) {
            throw bad(what + " must be an array");
        }
    }

    /** Steps to the next member of an object and returns its name; null at the object's end. */
    String member(String what) {
        var token = next();
        if (token == JsonToken.END_OBJECT) {
            return null;
        }
        if (token != JsonToken.FIELD_NAME) {
            throw bad(what + " is cut off");
        }
        return value(parser::currentName);
    }

    /** Steps to the next element of an array of objects; false at the array's end. */
    boolean elementObject(String what) {
        return element(JsonToken.START_OBJECT, what + " must be an object");
    }

    /** Steps to the next element of an array of arrays; false at the array's end. */
    boolean elementArray(String what) {
        return element(JsonToken.START_ARRAY, what + " must be an array");
    }

    /** Steps to the end of the text. */
    void end() {
        if (next() != null) {
            throw bad("nothing may follow the push");
        }
    }

    boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    boolean bool(String what) {
        if (parser.currentToken() != JsonToken.VALUE_TRUE && parser.currentToken() != JsonToken.VALUE_FALSE) {
            throw bad(what + " must be true or false");
        }
        return parser.currentToken() == JsonToken.VALUE_TRUE;
    }

    String text(String what) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw bad(what + " must be a string");
        }
        return value(parser::getText);
    }

    /** A whole number: a string of digits, or a number small enough that nobody has rounded it. */
    long int8(String what) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            long number = value(parser::getLongValue);
            if (Math.abs(number) > EXACT_MAX) {
                throw bad(what + " is beyond 2^53: write it as a string, or it may have been rounded");
            }
            return number;
        }
        return integer(text(what), what);
    }

    double float8(String what) {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            var text = text(what);
            switch (text) {
                case "NaN":
                    return Double.NaN;
                case "Infinity":
                    return Double.POSITIVE_INFINITY;
                case "-Infinity":
                    return Double.NEGATIVE_INFINITY;
                default:
                    throw bad(what + " must be a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
            }
        }
        if (!parser.currentToken().isNumeric()) {
            throw bad(what + " must be a number");
        }
        double number = value(parser::getDoubleValue);
        if (Double.isInfinite(number)) {
            throw bad(what + " is beyond float8");
        }
        return number;
    }

    /** µs since 1970 as {@link #int8}, or a time in the form of RFC 3339. */
    long timestamptz(String what) {
        if (parser.currentToken() != JsonToken.VALUE_STRING
                || INTEGER.matcher(text(what)).matches()) {
            return inRange(int8(what), what);
        }
        var text = text(what);
        try {
            if (text.length() > TIME_LENGTH_MAX) {
                throw bad(what + " is too long for a time");
            }
            var time = OffsetDateTime.parse(text).toInstant();
            long micros = Math.multiplyExact(time.getEpochSecond(), 1_000_000L);
            return inRange(Math.addExact(micros, time.getNano() / 1000), what);
        } catch (DateTimeException | ArithmeticException notATime) {
            throw bad(what + " must be µs since 1970 as a string, or a time such as 2026-11-21T08:00:00.5Z");
        }
    }

    FaultException bad(String what) {
        var where = parser.currentTokenLocation();
        var detail = "at line %d, column %d: %s".formatted(where.getLineNr(), where.getColumnNr(), what);
        return fault.because(detail.length() > DETAIL_LENGTH_MAX ? detail.substring(0, DETAIL_LENGTH_MAX) : detail);
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException impossible) {
            throw new IllegalStateException("a byte array can be left", impossible);
        }
    }

    private boolean element(JsonToken begin, String otherwise) {
        var token = next();
        if (token == JsonToken.END_ARRAY) {
            return false;
        }
        if (token != begin) {
            throw bad(otherwise);
        }
        return true;
    }

    private long inRange(long micros, String what) {
        if (micros < VectorReader.TIMESTAMP_MIN) {
            throw bad(what + " is before the first time that PostgreSQL knows");
        }
        return micros;
    }

    private long integer(String text, String what) {
        if (INTEGER.matcher(text).matches()) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException beyondInt8) {
                throw bad(what + " is beyond int8");
            }
        }
        throw bad(what + " must be a whole number, as a string");
    }

    private <T> T value(Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException broken) {
            throw bad(broken);
        }
    }

    private FaultException bad(IOException broken) {
        var reason = broken instanceof JsonProcessingException json ? json.getOriginalMessage() : broken.getMessage();
        return bad("this is not JSON within the limits: " + reason);
    }

    /** Something that reads the current token. */
    private interface Reading<T> {
        T read() throws IOException;
    }
}

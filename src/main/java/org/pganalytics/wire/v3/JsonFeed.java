package org.pganalytics.wire.v3;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Reads a push in JSON from pieces of any size. It is Jackson's parser that is fed: it holds no thread while a sender
 * is slow, and of the text only the token that it is in.
 */
final class JsonFeed {
    /** Longest text: of a statement, say. */
    static final int STRING_LENGTH_MAX = 16 << 20;

    private static final int NUMBER_LENGTH_MAX = 100;
    private static final int NAME_LENGTH_MAX = 1_024;
    private static final int DEPTH_MAX = 64;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // Databases and columns are named by their owners: interned names would be kept for ever.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNameLength(NAME_LENGTH_MAX)
                    .maxNumberLength(NUMBER_LENGTH_MAX)
                    .maxStringLength(STRING_LENGTH_MAX)
                    .build())
            .build();

    private final Values out;
    private final JsonParser parser;
    private final ByteArrayFeeder feeder;
    private boolean begun;
    private int depth;
    private long sinceToken;

    JsonFeed(Values out) {
        this.out = out;
        try {
            this.parser = FACTORY.createNonBlockingByteArrayParser();
        } catch (IOException impossible) {
            throw new IllegalStateException("a parser without a source can be made", impossible);
        }
        this.feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
    }

    /** Fails with UNDECODABLE; then nothing more may be fed. */
    void feed(byte[] json) {
        sinceToken += json.length;
        read(() -> feeder.feedInput(json, 0, json.length));
        // The parser fed by pieces does not count the digits of a number that goes on.
        if (sinceToken > STRING_LENGTH_MAX) {
            throw Fault.UNDECODABLE.because("a value may have %d bytes".formatted(STRING_LENGTH_MAX));
        }
    }

    /** The text is complete. Fails with BAD_REQUEST when it is cut off. */
    void end() {
        feeder.endOfInput();
        try {
            read(() -> {});
        } catch (FaultException broken) {
            throw depth > 0 ? cutOff() : broken;
        }
        if (!begun) {
            throw cutOff();
        }
    }

    private static FaultException cutOff() {
        return Fault.BAD_REQUEST.because("the push is cut off");
    }

    private interface Step {
        void run() throws IOException;
    }

    private void read(Step first) {
        try {
            first.run();
            for (var token = parser.nextToken();
                    token != null && token != JsonToken.NOT_AVAILABLE;
                    token = parser.nextToken()) {
                if (begun && depth == 0) {
                    throw Fault.UNDECODABLE.because("nothing may follow the push");
                }
                begun = true;
                sinceToken = 0;
                tell(token);
            }
        } catch (JsonProcessingException broken) {
            throw Fault.UNDECODABLE.because("at byte %d: %s"
                    .formatted(parser.currentLocation().getByteOffset(), printable(broken.getOriginalMessage())));
        } catch (IOException impossible) {
            throw new IllegalStateException("bytes in memory can be read", impossible);
        }
    }

    private void tell(JsonToken token) throws IOException {
        if (depth == 0 && token != JsonToken.START_OBJECT) {
            throw Fault.UNDECODABLE.because("a push is an object");
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        switch (token) {
            case START_OBJECT -> out.beginObject();
            case END_OBJECT -> out.endObject();
            case START_ARRAY -> out.beginArray();
            case END_ARRAY -> out.endArray();
            case FIELD_NAME -> out.name(parser.currentName());
            default -> out.value(value(token));
        }
    }

    private Object value(JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> number(token);
            default -> null;
        };
    }

    private Object number(JsonToken token) throws IOException {
        // Before anybody makes a number of them: that takes a time that grows with their square.
        if (parser.getTextLength() > NUMBER_LENGTH_MAX) {
            throw Fault.UNDECODABLE.because("a number may have %d digits".formatted(NUMBER_LENGTH_MAX));
        }
        if (token == JsonToken.VALUE_NUMBER_FLOAT || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            return parser.getDoubleValue();
        }
        return parser.getLongValue();
    }

    private static String printable(String text) {
        var shown = text.replaceAll("\\p{Cntrl}", " ");
        return shown.length() <= 200 ? shown : shown.substring(0, 200);
    }
}

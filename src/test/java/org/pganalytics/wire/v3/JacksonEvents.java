package org.pganalytics.wire.v3;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import org.pganalytics.fault.Fault;

/** What a push says when Jackson reads all of it: what reading it our way is compared with. */
final class JacksonEvents {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // A name that is no UTF-8 is taken for one that was there before, else.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNameLength(JsonFeed.NAME_LENGTH_MAX)
                    .maxNumberLength(JsonFeed.NUMBER_LENGTH_MAX)
                    .maxStringLength(JsonFeed.STRING_LENGTH_MAX)
                    .build())
            .build();

    private JacksonEvents() {}

    /** Fails with a FaultException when it is no JSON within the limits, whatever is wrong. */
    static void read(byte[] json, Values out) {
        try (var parser = FACTORY.createNonBlockingByteArrayParser()) {
            var feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
            feeder.feedInput(json, 0, json.length);
            feeder.endOfInput();
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Fault.UNDECODABLE.because("it is no object");
            }
            out.beginObject();
            members(parser, out);
            // It may say first that more could come.
            var behind = parser.nextToken();
            if (isOne(behind) || isOne(behind == null ? null : parser.nextToken())) {
                throw Fault.UNDECODABLE.because("something follows");
            }
        } catch (IOException | NumberFormatException broken) {
            // The latter of a number that is cut off behind its e.
            throw Fault.UNDECODABLE.because(broken.getMessage());
        }
    }

    private static boolean isOne(JsonToken token) {
        return token != null && token != JsonToken.NOT_AVAILABLE;
    }

    private static void members(JsonParser parser, Values out) throws IOException {
        for (int depth = 1; depth > 0; ) {
            var token = parser.nextToken();
            if (!isOne(token)) {
                throw Fault.BAD_REQUEST.because("it is cut off");
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            tell(parser, token, out);
        }
    }

    private static void tell(JsonParser parser, JsonToken token, Values out) throws IOException {
        switch (token) {
            case START_OBJECT -> out.beginObject();
            case END_OBJECT -> out.endObject();
            case START_ARRAY -> out.beginArray();
            case END_ARRAY -> out.endArray();
            case FIELD_NAME -> {
                var name = new Scalar().text(parser.currentName());
                out.name(name.bytes(), name.from(), name.to());
            }
            default -> out.value(value(parser, token));
        }
    }

    private static Scalar value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> new Scalar().text(parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> new Scalar().truth(token == JsonToken.VALUE_TRUE);
            case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> number(parser, token);
            default -> new Scalar().nothing();
        };
    }

    private static Scalar number(JsonParser parser, JsonToken token) throws IOException {
        if (parser.getTextLength() > JsonFeed.NUMBER_LENGTH_MAX) {
            throw Fault.UNDECODABLE.because("it has a long number");
        }
        return token == JsonToken.VALUE_NUMBER_FLOAT || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? new Scalar().fraction(parser.getDoubleValue())
                : new Scalar().whole(parser.getLongValue());
    }
}

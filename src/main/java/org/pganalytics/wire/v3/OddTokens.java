package org.pganalytics.wire.v3;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Names, texts and numbers of JSON that are not plain: with escapes, beyond what a long holds, or wrong. Jackson reads
 * them, one after the other, as elements of an array that never ends.
 */
final class OddTokens {
    private static final int DEPTH_MAX = 2;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // Databases and columns are named by their owners: interned names would be kept for ever.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNameLength(JsonFeed.NAME_LENGTH_MAX)
                    .maxNumberLength(JsonFeed.NUMBER_LENGTH_MAX)
                    .maxStringLength(JsonFeed.STRING_LENGTH_MAX)
                    .build())
            .build();

    private static final byte[] ARRAY = {'['};
    private static final byte[] NOTHING = {};
    private static final byte[] NEXT = {','};
    private static final byte[] OBJECT = {'{'};
    private static final byte[] VALUE = {':', '0', '}', ','};

    private JsonParser parser;

    /** A name in its quotes. @param from its first byte @param to after its last one. Fails when it is wrong */
    String name(byte[] bytes, int from, int to) throws JsonProcessingException {
        return reading(() -> {
            feed(OBJECT, Arrays.copyOfRange(bytes, from, to), VALUE);
            String name = null;
            for (var next = parser.nextToken(); next != JsonToken.NOT_AVAILABLE; next = parser.nextToken()) {
                name = next == JsonToken.FIELD_NAME ? parser.currentName() : name;
            }
            return name;
        });
    }

    /** A text in its quotes, or a number. Fails when it is wrong, or is two. */
    Scalar read(byte[] bytes, int from, int to, Scalar into) throws JsonProcessingException {
        return reading(() -> {
            feed(NOTHING, Arrays.copyOfRange(bytes, from, to), NEXT);
            var kind = parser.nextToken();
            if (kind == JsonToken.VALUE_STRING) {
                into.text(parser.getText());
            } else if (kind == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                into.whole(parser.getLongValue());
            } else {
                into.fraction(parser.getDoubleValue());
            }
            parser.nextToken();
            return into;
        });
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T reading(Reading<T> reading) throws JsonProcessingException {
        try {
            return reading.read();
        } catch (JsonProcessingException broken) {
            throw broken;
        } catch (IOException impossible) {
            throw new IllegalStateException("bytes in memory can be read", impossible);
        }
    }

    private void feed(byte[] before, byte[] token, byte[] behind) throws IOException {
        if (parser == null) {
            parser = FACTORY.createNonBlockingByteArrayParser();
            feed(ARRAY);
            parser.nextToken();
        }
        feed(ByteBuffer.allocate(before.length + token.length + behind.length)
                .put(before)
                .put(token)
                .put(behind)
                .array());
    }

    private void feed(byte[] bytes) throws IOException {
        ((ByteArrayFeeder) parser.getNonBlockingInputFeeder()).feedInput(bytes, 0, bytes.length);
    }
}

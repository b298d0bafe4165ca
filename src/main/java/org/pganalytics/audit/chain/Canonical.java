package org.pganalytics.audit.chain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import org.erdtman.jcs.JsonCanonicalizer;

/** JSON in its one canonical form (RFC 8785), so that two who say the same sign the same bytes. */
final class Canonical {
    private static final JsonFactory JSON = new JsonFactory();

    private Canonical() {}

    /** @throws IllegalArgumentException when it is no JSON object, or holds a number that a double cannot carry */
    static byte[] of(String json) {
        try {
            requireExactNumbers(json);
            return new JsonCanonicalizer(json).getEncodedUTF8();
        } catch (IOException e) {
            throw new IllegalArgumentException("no JSON that has a canonical form: " + e.getMessage(), e);
        }
    }

    /** Else two numbers that differ in the last digits would have the same form. */
    private static void requireExactNumbers(String json) throws IOException {
        try (var parser = JSON.createParser(json)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
                    requireExact(parser.getText());
                }
            }
        }
    }

    private static void requireExact(String number) throws IOException {
        double carried = Double.parseDouble(number);
        if (Double.isInfinite(carried)
                || new BigDecimal(Double.toString(carried)).compareTo(new BigDecimal(number)) != 0) {
            throw new IOException("the number " + number + " has more digits than a double carries");
        }
    }
}

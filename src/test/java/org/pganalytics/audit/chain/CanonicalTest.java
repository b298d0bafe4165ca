package org.pganalytics.audit.chain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is signed is the one canonical form of RFC 8785. */
class CanonicalTest {
    private static String of(String json) {
        return new String(Canonical.of(json), StandardCharsets.UTF_8);
    }

    /** The examples of the RFC, sections 3.2.2 and 3.2.3. */
    @Test
    void theExamplesOfTheRfcComeOutAsThere() {
        assertEquals(
                "{\"literals\":[null,true,false],\"numbers\":[1e+30,4.5,0.002,1e-27],"
                        + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
                of("{\"numbers\": [1E30, 4.50, 2e-3, 0.000000000000000000000000001],"
                        + " \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                        + " \"literals\": [null, true, false]}"));
        assertEquals(
                "{\"\\r\":1,\"1\":2,\"\u0080\":3,\"\u00f6\":4,\"\u20ac\":5,\"\ud83d\ude00\":6,\"\ufb33\":7}",
                of("{\"\\u20ac\":5,\"\\r\":1,\"\\ufb33\":7,\"1\":2,\"\\ud83d\\ude00\":6,\"\\u0080\":3,\"\\u00f6\":4}"));
    }

    @ParameterizedTest
    @CsvSource({"1.0, 1", "100, 100", "1e2, 100", "-0, 0", "0.10, 0.1", "9007199254740991, 9007199254740991"})
    void numbersThatAreEqualAreWrittenAlike(String given, String form) {
        assertEquals("{\"n\":%s}".formatted(form), of("{\"n\":%s}".formatted(given)));
    }

    /** As PostgreSQL gives back what was written: other spaces, another order, other zeros. */
    @Test
    void whatTheDatabaseGivesBackIsTheSame() {
        assertArrayEquals(
                Canonical.of("{\"count\":3,\"a\":1.0E-5,\"b\":\"x\"}"),
                Canonical.of("{\"a\": 0.000010, \"b\": \"x\", \"count\": 3}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"n\":9007199254740993}",
                "{\"n\":3.00000000000000000001}",
                "{\"n\":1e400}",
                "{\"n\":1,\"n\":2}",
                "{\"n\":}",
                "",
                "nothing"
            })
    void whatHasNoOneFormIsRefused(String json) {
        assertThrows(IllegalArgumentException.class, () -> Canonical.of(json));
    }
}

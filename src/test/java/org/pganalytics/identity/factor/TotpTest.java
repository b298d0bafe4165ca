package org.pganalytics.identity.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes by time, against the vectors of RFC 6238, appendix B: SHA-1, the last six of their eight digits. */
class TotpTest {
    /** "12345678901234567890" in base32. */
    private static final String KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    private static Future<Long> check(long second, long lastStep, String code) {
        return new Totp(Clock.fixed(Instant.ofEpochSecond(second), ZoneOffset.UTC)).check(KEY, lastStep, code);
    }

    @ParameterizedTest
    @CsvSource({
        "59, 287082, 1",
        "1111111109, 081804, 37037036",
        "1111111111, 050471, 37037037",
        "1234567890, 005924, 41152263",
        "2000000000, 279037, 66666666",
        "20000000000, 353130, 666666666"
    })
    void takesWhatTheRfcSays(long second, String code, long step) {
        assertEquals(step, check(second, 0, code).result());
    }

    @ParameterizedTest
    @CsvSource({"-60, false", "-30, true", "0, true", "30, true", "60, false", "3600, false"})
    void takesAStepEarlyOrLateAndNoMore(long off, boolean taken) {
        assertEquals(taken, check(1_111_111_111 + off, 0, "050471").succeeded());
    }

    @Test
    void takesNoneTwice() {
        assertTrue(check(1_111_111_111, 37_037_036, "050471").succeeded());
        assertTrue(check(1_111_111_111, 37_037_037, "050471").failed());
        assertTrue(check(1_111_111_111, 37_037_038, "050471").failed());
    }

    @Test
    void takesNoneOfTheFutureAfterOneOfTheNextStep() {
        // 37037038 was taken early; the look ahead from there goes on to 37037041.
        for (long step = 37_037_039; step < 37_037_045; step++) {
            var code = TotpCodes.of(KEY, step);
            assertTrue(check(1_111_111_111, 37_037_038, code).failed(), "step " + step);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"000000", "50471", "0050471", "O50471", "05047 ", "٠٥٠٤٧١"})
    void takesNothingElse(String code) {
        assertTrue(check(1_111_111_111, 0, code).failed());
    }

    @Test
    void theUriIsOfTheFormThatAuthenticatorsRead() {
        var uri = Totp.uri(KEY, "alice@example.org");
        assertTrue(uri.startsWith("otpauth://totp/"), uri);
        assertTrue(uri.contains("secret=" + KEY), uri);
        assertTrue(uri.contains("issuer=pgAnalytics"), uri);
        assertTrue(Totp.newKey().matches("[A-Z2-7]{32}"), "20 bytes in base32");
    }

    @Test
    void theUriAsAPictureIsReadBack() throws Exception {
        var uri = Totp.uri(KEY, "alice");
        assertEquals(uri, QrPictures.read(QrCode.svg(uri)));
    }
}

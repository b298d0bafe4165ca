package org.pganalytics.audit.chain;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A text that may be a person's. What proves the event covers only its commitment, so that text and salt can go and the
 * proof still holds.
 *
 * @param salt null once erased
 * @param commitment null until erased
 */
record Committed(String text, byte[] salt, byte[] commitment) {
    static final int SALT_BYTES = 16;

    /** In the place of what was erased. */
    static final String ERASED = "erased";

    boolean isErased() {
        return salt == null && commitment != null;
    }

    /** What the event is proven with: 64 hex digits, or empty when the row has neither salt nor commitment. */
    String proven() {
        if (salt != null) {
            return HexFormat.of().formatHex(commitmentOf(text, salt));
        }
        return commitment == null ? "" : HexFormat.of().formatHex(commitment);
    }

    static byte[] commitmentOf(String text, byte[] salt) {
        return Hashes.hmac(salt, text.getBytes(StandardCharsets.UTF_8));
    }
}

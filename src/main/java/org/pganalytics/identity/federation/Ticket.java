package org.pganalytics.identity.federation;

import java.util.Base64;
import org.pganalytics.secrets.RandomSecrets;

/**
 * A sign-in under way, as the browser has it.
 *
 * @param state goes to the provider and comes back
 * @param browser the value of the browser's cookie
 */
public record Ticket(String state, String browser) {
    /**
     * A secret of this sign-in that needs no place to be kept: 43 characters of base64url.
     *
     * @param purpose one for each, such as {@code nonce}
     */
    public String secret(String purpose) {
        var made = RandomSecrets.hash("%s %s %s".formatted(purpose, state, browser));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(made);
    }

    /** Never what it holds. */
    @Override
    public String toString() {
        return "Ticket[]";
    }
}

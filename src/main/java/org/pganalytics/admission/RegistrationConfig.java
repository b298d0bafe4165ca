package org.pganalytics.admission;

import java.util.Optional;

/**
 * The registration secret of the configuration; kept in the database under the name {@code config}, as a hash.
 *
 * @param secret 12 to 256 characters, or empty: none, and one kept from before is revoked
 */
public record RegistrationConfig(Optional<String> secret) {
    public static final int SECRET_LENGTH_MIN = 12;
    public static final int SECRET_LENGTH_MAX = 256;

    public RegistrationConfig {
        secret.ifPresent(said -> {
            if (!lengthAllowed(said)) {
                throw new IllegalArgumentException("registration.secret of %d characters must be between %d and %d long"
                        .formatted(said.length(), SECRET_LENGTH_MIN, SECRET_LENGTH_MAX));
            }
        });
    }

    static boolean lengthAllowed(String secret) {
        return secret.length() >= SECRET_LENGTH_MIN && secret.length() <= SECRET_LENGTH_MAX;
    }

    /** Says whether there is one, never which. */
    @Override
    public String toString() {
        return "RegistrationConfig[secret=%s]".formatted(secret.isPresent() ? "set" : "none");
    }
}

package org.pganalytics.identity.federation;

import java.util.Locale;

/**
 * Somebody who says who people are.
 *
 * @param id its name in the configuration: 1 to 32 of a-z, 0-9, '-'
 * @param trustsFactor whether its word counts for a second factor, too
 */
public record Provider(Source source, String id, boolean trustsFactor) {
    /** What it speaks. */
    public enum Source {
        OIDC,
        SAML;

        /** As the table of people, the audit and the API have it. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** As the audit has it. */
    public String actor() {
        return source.key() + ":" + id;
    }
}

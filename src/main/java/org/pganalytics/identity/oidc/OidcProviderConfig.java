package org.pganalytics.identity.oidc;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.pganalytics.fault.WrongValueException;
import org.pganalytics.identity.federation.Provider;
import org.pganalytics.identity.federation.RolesConfig;

/**
 * One provider by OpenID Connect, or GitHub.
 *
 * @param id its name here, for ever: 1 to 32 of a-z, 0-9, '-'
 * @param title what people read; empty for the id
 * @param preset whose habits fill what is empty here
 * @param issuer as it calls itself, letter by letter: an https URL (http on loopback only)
 * @param clientId as it calls this server
 * @param clientSecret of this server
 * @param scopes what is asked for; empty for the preset's
 * @param nameClaim what people are called here when they come first; empty for the preset's
 * @param groupsClaim what has their groups; a path such as realm_access.roles, too; empty for the preset's
 * @param roles which groups have which role
 * @param caFile PEM file of the authorities that may certify it; null for those of the Java runtime
 * @param trustsFactor whether its word counts for a second factor, too
 */
public record OidcProviderConfig(
        String id,
        String title,
        Preset preset,
        String issuer,
        String clientId,
        String clientSecret,
        List<String> scopes,
        String nameClaim,
        String groupsClaim,
        RolesConfig roles,
        Path caFile,
        boolean trustsFactor) {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern WORD = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,200}");

    public OidcProviderConfig {
        title = or(title, id);
        issuer = or(issuer, preset.issuer());
        scopes = scopes.isEmpty() ? preset.scopes() : List.copyOf(scopes);
        nameClaim = or(nameClaim, preset.nameClaim());
        groupsClaim = or(groupsClaim, preset.groupsClaim());
        if (!ID.matcher(id).matches()) {
            throw new WrongValueException("id", id, "1 to 32 of a-z, 0-9, '-'; first a letter or digit");
        }
        if (title.length() > 100) {
            throw new WrongValueException("title", title.length() + " characters", "at most 100");
        }
        if (!Endpoint.isFine(issuer)) {
            // Without what it is: somebody may have put a password there.
            throw new IllegalArgumentException(
                    "issuer must be https://host or https://host/path without user and query, as the provider calls itself"
                            + " (http on loopback only)");
        }
        requireWords(clientId, clientSecret, scopes);
        if (roles == null || roles.isEmpty()) {
            throw new IllegalArgumentException(
                    "roles must be groups by role, such as { admin = [\"dba\"] }: who is in none of them cannot sign in");
        }
    }

    private static String or(String said, String usual) {
        return said.isEmpty() ? usual : said;
    }

    private static void requireWords(String clientId, String clientSecret, List<String> scopes) {
        if (clientId.isBlank() || clientId.length() > 255) {
            throw new IllegalArgumentException("client-id must be set, at most 255 characters: the provider gives it");
        }
        if (clientSecret.isBlank()) {
            throw new IllegalArgumentException(
                    "client-secret must be set, or client-secret-file: the provider gives it");
        }
        if (!scopes.stream().allMatch(scope -> WORD.matcher(scope).matches())) {
            throw new IllegalArgumentException("scopes must be words without spaces, such as openid");
        }
    }

    boolean isGithub() {
        return preset == Preset.GITHUB;
    }

    Provider provider() {
        return new Provider(Provider.Source.OIDC, id, trustsFactor);
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "OidcProviderConfig[%s, %s]".formatted(id, issuer);
    }
}

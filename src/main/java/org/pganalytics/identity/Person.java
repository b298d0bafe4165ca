package org.pganalytics.identity;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.model.Role;

/**
 * Somebody who signs in, without any secret.
 *
 * @param name of lower case; 1 to 63 of a-z, 0-9, '.', '_', '@', '-'
 * @param source who knows them: {@code local} this database, {@code ldap} the directory, {@code oidc} and {@code saml} the
 *     provider
 * @param provider which of these, as the configuration calls it; empty for the others
 * @param hasPassword false until a code was redeemed for one
 */
public record Person(
        UUID id,
        String name,
        Role role,
        String source,
        Optional<String> provider,
        boolean hasPassword,
        Instant createdAt,
        Optional<Instant> disabledAt,
        Optional<Instant> signedInAt) {
    static final String COLUMNS =
            "id, name, role, source, provider, password_hash IS NOT NULL AS has_password, created_at,"
                    + " disabled_at, signed_in_at";

    static Person of(Row row) {
        return new Person(
                row.getUUID("id"),
                row.getString("name"),
                Role.of(row.getString("role")).orElseThrow(),
                row.getString("source"),
                Optional.of(row.getString("provider")).filter(provider -> !provider.isEmpty()),
                row.getBoolean("has_password"),
                row.getOffsetDateTime("created_at").toInstant(),
                time(row, "disabled_at"),
                time(row, "signed_in_at"));
    }

    static Optional<Instant> time(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }

    /** As the audit has them. */
    public static String actor(String name) {
        return "person:" + name;
    }
}

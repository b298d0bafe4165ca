package org.pganalytics.identity;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An API token as it is listed: everything but the token.
 *
 * @param owner the person's name; empty for a service's
 * @param scopes keys of permissions, sorted
 * @param createdBy as the audit has them
 * @param lastUsedAt to the minute
 */
public record ApiToken(
        UUID id,
        String name,
        Optional<String> owner,
        List<String> scopes,
        String createdBy,
        Instant createdAt,
        Instant endsAt,
        Optional<Instant> lastUsedAt,
        Optional<Instant> revokedAt) {
    /** Of {@code api_token t}. */
    static final String COLUMNS = """
            t.id, t.name, (SELECT p.name FROM person p WHERE p.id = t.person) AS owner, t.scopes, t.created_by, t.created_at,
            t.ends_at, t.last_used_at, t.revoked_at
            """;

    public ApiToken {
        scopes = List.copyOf(scopes);
    }

    static ApiToken of(Row row) {
        return new ApiToken(
                row.getUUID("id"),
                row.getString("name"),
                Optional.ofNullable(row.getString("owner")),
                List.of(row.getArrayOfStrings("scopes")),
                row.getString("created_by"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("ends_at").toInstant(),
                Person.time(row, "last_used_at"),
                Person.time(row, "revoked_at"));
    }

    /** As the audit has whoever shows it: erasing the person erases this, too. */
    static String actor(Optional<String> owner, String name) {
        return owner.map(person -> Person.actor(person) + "/" + name).orElse("service:" + name);
    }
}

package org.pganalytics.admission;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** A registration secret as it is listed: everything but the secret. @param uses collectors registered with it */
public record RegistrationSecret(
        int id,
        String name,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<Instant> revokedAt,
        Optional<Instant> lastUsedAt,
        long uses) {
    static final String COLUMNS = "id, name, created_at, expires_at, revoked_at, last_used_at, uses";

    static RegistrationSecret of(Row row) {
        return new RegistrationSecret(
                row.getInteger("id"),
                row.getString("name"),
                row.getOffsetDateTime("created_at").toInstant(),
                instant(row, "expires_at"),
                instant(row, "revoked_at"),
                instant(row, "last_used_at"),
                row.getLong("uses"));
    }

    private static Optional<Instant> instant(Row row, String column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }
}

package org.pganalytics.identity;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** An admin token as it is listed: everything but the token. @param lastUsedAt to the minute */
public record AdminToken(String name, Instant createdAt, Optional<Instant> lastUsedAt, Optional<Instant> revokedAt) {
    static final String COLUMNS = "name, created_at, last_used_at, revoked_at";

    static AdminToken of(Row row) {
        return new AdminToken(
                row.getString("name"),
                row.getOffsetDateTime("created_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("last_used_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getOffsetDateTime("revoked_at")).map(OffsetDateTime::toInstant));
    }
}

package org.pganalytics.identity;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.UUID;

/** Somebody's being signed in, as it is listed. @param agent what the browser calls itself @param seenAt to the minute */
public record Session(UUID id, String address, String agent, Instant begunAt, Instant seenAt, Instant endsAt) {
    static final String COLUMNS = "id, address, agent, begun_at, seen_at, ends_at";

    static Session of(Row row) {
        return new Session(
                row.getUUID("id"),
                row.getString("address"),
                row.getString("agent"),
                row.getOffsetDateTime("begun_at").toInstant(),
                row.getOffsetDateTime("seen_at").toInstant(),
                row.getOffsetDateTime("ends_at").toInstant());
    }
}

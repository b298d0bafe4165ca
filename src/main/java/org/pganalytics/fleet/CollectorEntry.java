package org.pganalytics.fleet;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A collector as the inventory has it. @param generation tokens of another one are void */
public record CollectorEntry(
        UUID collector,
        String name,
        String agentVersion,
        int generation,
        Instant registeredAt,
        Optional<Instant> lastSeenAt,
        Optional<Instant> revokedAt) {
    static final String COLUMNS =
            "collector_id, name, agent_version, generation, registered_at, last_seen_at, revoked_at";

    static CollectorEntry of(Row row) {
        return new CollectorEntry(
                row.getUUID("collector_id"),
                row.getString("name"),
                row.getString("agent_version"),
                row.getInteger("generation"),
                row.getOffsetDateTime("registered_at").toInstant(),
                Optional.ofNullable(row.getOffsetDateTime("last_seen_at")).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getOffsetDateTime("revoked_at")).map(OffsetDateTime::toInstant));
    }

    /** As the API shows it. @param places the servers that hold collectors, as far as known */
    JsonObject json(Map<UUID, String> places) {
        return new JsonObject()
                .put("collector_id", collector.toString())
                .put("name", name)
                .put("agent_version", agentVersion)
                .put("generation", generation)
                .put("state", revokedAt.isPresent() ? "revoked" : "active")
                .put("registered_at", registeredAt.toString())
                .put("last_seen_at", lastSeenAt.map(Instant::toString).orElse(null))
                .put("server", places.get(collector))
                .put("revoked_at", revokedAt.map(Instant::toString).orElse(null));
    }
}

package org.pganalytics.fleet;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.UUID;

/** A watched server as its collector calls it. @param target its number in the sample tables */
public record TargetEntry(int target, String name, UUID collector, String collectorName, Instant firstSeenAt) {
    static TargetEntry of(Row row) {
        return new TargetEntry(
                row.getInteger("target_id"),
                row.getString("name"),
                row.getUUID("collector_id"),
                row.getString("collector_name"),
                row.getOffsetDateTime("first_seen_at").toInstant());
    }

    /** As the API and the command line show it. */
    public JsonObject json() {
        return new JsonObject()
                .put("target_id", target)
                .put("name", name)
                .put("collector_id", collector.toString())
                .put("collector_name", collectorName)
                .put("first_seen_at", firstSeenAt.toString());
    }
}

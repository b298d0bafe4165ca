package org.pganalytics.fleet;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;

/**
 * One version of a profile; it never changes.
 *
 * @param tag names its document to collectors
 * @param document as it was written, HOCON
 * @param handedOut as collectors get it, JSON
 */
public record ProfileVersion(
        String profile,
        int version,
        String tag,
        String document,
        String handedOut,
        String comment,
        String createdBy,
        Instant createdAt) {
    static final String COLUMNS = "profile, version, tag, document, handed_out, comment, created_by, created_at";

    static ProfileVersion of(Row row) {
        return new ProfileVersion(
                row.getString("profile"),
                row.getInteger("version"),
                row.getString("tag"),
                row.getString("document"),
                row.getString("handed_out"),
                row.getString("comment"),
                row.getString("created_by"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    /** As lists show it: without the documents. */
    public JsonObject summary() {
        return new JsonObject()
                .put("profile", profile)
                .put("version", version)
                .put("tag", tag)
                .put("comment", comment)
                .put("created_by", createdBy)
                .put("created_at", createdAt.toString());
    }

    public JsonObject json() {
        return summary().put("document", document).put("handed_out", handedOut);
    }
}

package org.pganalytics.audit.chain;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/** The lines of an export: one JSON object an item, binary in hex, 64-bit numbers as text. */
final class ChainLines {
    private ChainLines() {}

    static JsonObject of(ChainItem item) {
        if (item instanceof ChainItem.Signed signed) {
            return new JsonObject()
                    .put("type", "checkpoint")
                    .mergeIn(signed.checkpoint().json());
        }
        if (item instanceof ChainItem.Sealed placed) {
            return new JsonObject()
                    .put("type", "sealed")
                    .put("position", Long.toString(placed.position()))
                    .put("id", Long.toString(placed.eventId()))
                    .put("hash", HexFormat.of().formatHex(placed.hash()))
                    .put("event", json(placed.event()));
        }
        if (item instanceof ChainItem.Loose loose) {
            return new JsonObject()
                    .put("type", "unsealed")
                    .put("id", Long.toString(loose.eventId()))
                    .put("queued", loose.queued())
                    .put("event", json(loose.event()));
        }
        return new JsonObject().put("type", "before").put("events", ((ChainItem.Before) item).events());
    }

    private static JsonObject json(ProvenEvent event) {
        return event == null
                ? null
                : new JsonObject()
                        .put("time", event.time().toString())
                        .put("actor", json(event.actor()))
                        .put("action", event.action())
                        .put("target", json(event.target()))
                        .put("outcome", event.outcome())
                        .put("address", json(event.address()))
                        .put("details", event.details())
                        .put(
                                "writer",
                                event.writer() == null ? null : event.writer().toString())
                        .put("number", Long.toString(event.number()))
                        .put("key", event.keyId())
                        .put("hmac", hex(event.hmac()));
    }

    private static JsonObject json(Committed committed) {
        return new JsonObject()
                .put("text", committed.text())
                .put("salt", hex(committed.salt()))
                .put("commitment", hex(committed.commitment()));
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }

    /** @throws RuntimeException when it is not of this form */
    static ChainItem item(JsonObject json) {
        return switch (json.getString("type")) {
            case "checkpoint" -> new ChainItem.Signed(Checkpoint.of(json));
            case "sealed" ->
                new ChainItem.Sealed(
                        Long.parseLong(json.getString("position")),
                        Long.parseLong(json.getString("id")),
                        bytes(json.getString("hash")),
                        event(json.getJsonObject("event")));
            case "unsealed" ->
                new ChainItem.Loose(
                        Long.parseLong(json.getString("id")),
                        event(json.getJsonObject("event")),
                        json.getBoolean("queued"));
            case "before" -> new ChainItem.Before(json.getLong("events"));
            default -> throw new IllegalArgumentException("no type of this name");
        };
    }

    private static ProvenEvent event(JsonObject json) {
        return json == null
                ? null
                : new ProvenEvent(
                        Instant.parse(json.getString("time")),
                        committed(json.getJsonObject("actor")),
                        json.getString("action"),
                        committed(json.getJsonObject("target")),
                        json.getString("outcome"),
                        committed(json.getJsonObject("address")),
                        json.getString("details"),
                        json.getString("writer") == null ? null : UUID.fromString(json.getString("writer")),
                        Long.parseLong(json.getString("number")),
                        json.getString("key"),
                        bytes(json.getString("hmac")));
    }

    private static Committed committed(JsonObject json) {
        return new Committed(
                json.getString("text"), bytes(json.getString("salt")), bytes(json.getString("commitment")));
    }

    private static byte[] bytes(String hex) {
        return hex == null ? null : HexFormat.of().parseHex(hex);
    }
}

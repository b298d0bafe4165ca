package org.pganalytics.audit.chain;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.pganalytics.audit.AuditRecord;

/** Writes events to the table, proven where there are keys. */
public final class NewEvents {
    private static final String ADD = """
            INSERT INTO audit_event (time, actor, action, target, outcome, address, details, writer, number, key_id, hmac,
                actor_salt, target_salt, address_salt)
            SELECT unnest($1::timestamptz[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]),
                unnest($5::text[]), unnest($6::text[]), unnest($7::text[])::jsonb, unnest($8::uuid[]),
                unnest($9::bigint[]), unnest($10::text[]), unnest($11::bytea[]), unnest($12::bytea[]),
                unnest($13::bytea[]), unnest($14::bytea[])
            """;

    private final Prover prover;

    public NewEvents(Prover prover) {
        this.prover = prover;
    }

    /** What happened, and when. @param details in place of the record's */
    public record Happened(Instant first, AuditRecord record, JsonObject details) {}

    /** @param client a transaction, or a pool */
    public Future<Void> add(SqlClient client, List<Happened> all) {
        var proven = all.stream()
                .map(each ->
                        prover.prove(each.first(), each.record(), each.details().encode()))
                .toList();
        return client.preparedQuery(ADD).execute(columns(proven)).mapEmpty();
    }

    private static Tuple columns(List<ProvenEvent> events) {
        return Tuple.tuple()
                .addArrayOfOffsetDateTime(events.stream()
                        .map(event -> OffsetDateTime.ofInstant(event.time(), ZoneOffset.UTC))
                        .toArray(OffsetDateTime[]::new))
                .addArrayOfString(texts(events, event -> event.actor().text()))
                .addArrayOfString(texts(events, ProvenEvent::action))
                .addArrayOfString(texts(events, event -> event.target().text()))
                .addArrayOfString(texts(events, ProvenEvent::outcome))
                .addArrayOfString(texts(events, event -> event.address().text()))
                .addArrayOfString(texts(events, ProvenEvent::details))
                .addArrayOfUUID(events.stream().map(ProvenEvent::writer).toArray(UUID[]::new))
                .addArrayOfLong(events.stream()
                        .map(event -> event.isProven() ? (Long) event.number() : null)
                        .toArray(Long[]::new))
                .addArrayOfString(texts(events, ProvenEvent::keyId))
                .addArrayOfBuffer(bytes(events, ProvenEvent::hmac))
                .addArrayOfBuffer(bytes(events, event -> event.actor().salt()))
                .addArrayOfBuffer(bytes(events, event -> event.target().salt()))
                .addArrayOfBuffer(bytes(events, event -> event.address().salt()));
    }

    private static String[] texts(List<ProvenEvent> events, Function<ProvenEvent, String> part) {
        return events.stream().map(part).toArray(String[]::new);
    }

    private static Buffer[] bytes(List<ProvenEvent> events, Function<ProvenEvent, byte[]> part) {
        return events.stream()
                .map(part)
                .map(each -> each == null ? null : Buffer.buffer(each))
                .toArray(Buffer[]::new);
    }
}

package org.pganalytics.audit.chain;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The tables of the chain, for the one server that seals. */
final class SealTable {
    private static final String BEGINNING = "SELECT " + EventRows.CHECKPOINT_COLUMNS
            + " FROM audit_checkpoint c WHERE kind = 'begin' ORDER BY position LIMIT 1";
    private static final String LAST = "SELECT " + EventRows.CHECKPOINT_COLUMNS
            + " FROM audit_checkpoint c WHERE kind <> 'prune' ORDER BY position DESC LIMIT 1";
    /** Event by event through the index, whatever the planner thinks of two tables that grow and shrink. */
    private static final String UNSEALED = "SELECT u.event_id, " + EventRows.COLUMNS + """
             FROM (SELECT event_id FROM audit_unsealed ORDER BY event_id LIMIT $1) u
            LEFT JOIN LATERAL (SELECT * FROM audit_event WHERE id = u.event_id OFFSET 0) e ON true
            ORDER BY u.event_id
            """;

    private static final String LEADS_TO = """
            SELECT EXISTS (SELECT FROM audit_checkpoint WHERE chain = $2 AND (kind = 'prune' AND position >= $1
                OR position = $1 AND hash = $3))
            """;
    private static final String SEAL =
            "INSERT INTO audit_seal SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bytea[])";
    private static final String TAKEN = "DELETE FROM audit_unsealed WHERE event_id = ANY ($1::bigint[])";
    private static final String CHECKPOINT = """
            INSERT INTO audit_checkpoint (position, kind, chain, hash, events, before_id, time, key_id, signature)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;

    private final SqlClient tx;

    SealTable(SqlClient tx) {
        this.tx = tx;
    }

    Future<Optional<Checkpoint>> beginning() {
        return tx.query(BEGINNING).execute().map(SealTable::first);
    }

    Future<Optional<Checkpoint>> last() {
        return tx.query(LAST).execute().map(SealTable::first);
    }

    private static Optional<Checkpoint> first(RowSet<Row> rows) {
        var found = rows.iterator();
        return found.hasNext() ? Optional.of(EventRows.checkpoint(found.next())) : Optional.empty();
    }

    /** Whether the chain still leads there, or that part of it was pruned. */
    Future<Boolean> leadsTo(Checkpoint told) {
        return tx.preparedQuery(LEADS_TO)
                .execute(Tuple.of(told.position(), told.chain()).addBuffer(Buffer.buffer(told.hash())))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    /** What is there without proof stays outside. */
    Future<Checkpoint> begin(AuditKeys keys, Instant now) {
        return tx.query("SELECT coalesce(max(id), 0) FROM audit_event")
                .execute()
                .compose(rows -> {
                    var chain = UUID.randomUUID();
                    long before = rows.iterator().next().getLong(0);
                    var begins = new Checkpoint(
                                    0, Checkpoint.Kind.BEGIN, chain, Hashes.origin(chain), 0, before, now, null, null)
                            .signedWith(keys);
                    return add(begins).map(begins);
                });
    }

    /** In the order of their ids, whenever they were committed. */
    Future<List<Sealing.Waiting>> unsealed(int most) {
        return tx.preparedQuery(UNSEALED).execute(Tuple.of(most)).map(rows -> {
            var all = new ArrayList<Sealing.Waiting>();
            rows.forEach(row -> all.add(new Sealing.Waiting(row.getLong("event_id"), EventRows.event(row))));
            return all;
        });
    }

    Future<Void> write(Sealing sealing) {
        var taken = new ArrayList<>(sealing.dropped());
        sealing.seals().forEach(seal -> taken.add(seal.eventId()));
        var ids = Tuple.tuple().addArrayOfLong(taken.toArray(Long[]::new));
        return tx.preparedQuery(TAKEN)
                .execute(ids)
                .compose(gone -> sealing.checkpoint() == null
                        ? Future.<Void>succeededFuture()
                        : tx.preparedQuery(SEAL)
                                .execute(columns(sealing.seals()))
                                .compose(placed -> add(sealing.checkpoint())));
    }

    private static Tuple columns(List<Sealing.Seal> seals) {
        return Tuple.tuple()
                .addArrayOfLong(seals.stream().map(Sealing.Seal::position).toArray(Long[]::new))
                .addArrayOfLong(seals.stream().map(Sealing.Seal::eventId).toArray(Long[]::new))
                .addArrayOfBuffer(
                        seals.stream().map(seal -> Buffer.buffer(seal.hash())).toArray(Buffer[]::new));
    }

    Future<Void> add(Checkpoint checkpoint) {
        return tx.preparedQuery(CHECKPOINT)
                .execute(Tuple.of(checkpoint.position(), checkpoint.kind().word(), checkpoint.chain())
                        .addBuffer(Buffer.buffer(checkpoint.hash()))
                        .addLong(checkpoint.events())
                        .addLong(checkpoint.beforeId())
                        .addOffsetDateTime(OffsetDateTime.ofInstant(checkpoint.time(), ZoneOffset.UTC))
                        .addString(checkpoint.keyId())
                        .addBuffer(Buffer.buffer(checkpoint.signature())))
                .mapEmpty();
    }
}

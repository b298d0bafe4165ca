package org.pganalytics.audit.chain;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes whole segments of the chain that are past their time, and signs where it begins from then on. */
final class Pruner {
    private static final Logger LOG = LoggerFactory.getLogger(Pruner.class);

    /** The last checkpoint that is old enough, among so many positions: one transaction deletes no more. */
    private static final String OVER = "SELECT " + EventRows.CHECKPOINT_COLUMNS + """
             FROM audit_checkpoint c, (SELECT min(position) AS first FROM audit_seal) s
            WHERE kind = 'seal' AND position >= first AND position < first + 20000 AND time < $1
            ORDER BY position DESC LIMIT 1
            """;

    private final AuditKeys keys;
    private final Duration retention;
    private final Clock clock;

    Pruner(AuditKeys keys, Duration retention, Clock clock) {
        this.keys = keys;
        this.retention = retention;
        this.clock = clock;
    }

    /** On the connection of the one who leads. @return the signed pruning; empty when nothing is past its time */
    Future<Optional<Checkpoint>> prune(SqlConnection connection) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return connection
                .preparedQuery(OVER)
                .execute(Tuple.of(OffsetDateTime.ofInstant(now.minus(retention), ZoneOffset.UTC)))
                .compose(rows -> {
                    var found = rows.iterator();
                    return found.hasNext()
                            ? prune(connection, EventRows.checkpoint(found.next()), now)
                            : Future.succeededFuture(Optional.empty());
                });
    }

    /** The time of a checkpoint is only what the database says until its signature is verified. */
    private Future<Optional<Checkpoint>> prune(SqlConnection connection, Checkpoint upto, Instant now) {
        if (!upto.isSigned(keys)) {
            return Future.failedFuture(
                    "the checkpoint at position %d is not signed with a key of ours: nothing is deleted"
                            .formatted(upto.position()));
        }
        var pruned = new Checkpoint(
                        upto.position(),
                        Checkpoint.Kind.PRUNE,
                        upto.chain(),
                        upto.hash(),
                        upto.events(),
                        0,
                        now,
                        null,
                        null)
                .signedWith(keys);
        return connection
                .begin()
                .compose(tx -> new SealTable(connection)
                        .add(pruned)
                        .compose(added -> connection
                                .preparedQuery("SELECT audit_prune($1)")
                                .execute(Tuple.of(pruned.position())))
                        .compose(rows -> tx.commit().map(rows.iterator().next().getLong(0)))
                        .onFailure(failure -> tx.rollback()))
                .onSuccess(gone -> LOG.info(
                        "audit events up to position {} were past audit.retention: {} deleted",
                        pruned.position(),
                        gone))
                .map(gone -> Optional.of(pruned));
    }
}

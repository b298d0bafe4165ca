package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.pganalytics.bus.Event;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.Loss;

/** What collectors dropped, as settled batches declare it. */
final class LossTable {
    private static final String INSERT = """
            INSERT INTO loss (collector_id, epoch, sequence, family, reason, first_dropped, batches, rows, from_time,
                to_time)
            SELECT unnest($1::uuid[]), unnest($2::int4[]), unnest($3::int8[]), unnest($4::text[]), unnest($5::text[]),
                unnest($6::int8[]), unnest($7::int8[]), unnest($8::int8[]), unnest($9::timestamptz[]),
                unnest($10::timestamptz[])
            """;
    /** A batch that covers numbers before its own without saying what was in them. */
    private static final String UNDECLARED = "UNDECLARED";

    /** A line of the table: how many numbers were dropped stands with the first loss of a batch. */
    record Line(Verdict.Settled settled, String family, String reason, long batches, Loss loss) {
        Event.LossDeclared event() {
            return new Event.LossDeclared(collector(), family, reason, batches, rows());
        }

        UUID collector() {
            return settled.work().pending().batch().collector();
        }

        long rows() {
            return loss == null ? 0 : loss.rows();
        }
    }

    /** What a settled batch declares; a duplicate declares nothing again. */
    static List<Line> lines(Verdict.Settled settled) {
        if (!settled.stores() && !settled.quarantines()) {
            return List.of();
        }
        var lines = new ArrayList<Line>();
        var batch = settled.work().pending().batch();
        long batches = settled.dropped() + (standsForADroppedBatch(batch) ? 1 : 0);
        for (var loss : batch.losses()) {
            lines.add(new Line(settled, loss.family(), loss.reason().name(), batches, loss));
            batches = 0;
        }
        if (batches > 0) {
            lines.add(new Line(settled, "", UNDECLARED, batches, null));
        }
        return lines;
    }

    /**
     * Whether its own number, too, is that of a batch dropped. One without rows is numbered for its loss alone only when
     * the rows never got a number: the spool could not be written.
     */
    private static boolean standsForADroppedBatch(Batch batch) {
        return batch.content() instanceof BatchContent.Decoded decoded
                && decoded.blocks().isEmpty()
                && batch.losses().stream().anyMatch(loss -> loss.reason() != Loss.Reason.SPOOL_BROKEN);
    }

    Future<Void> insert(SqlConnection connection, List<Line> lines) {
        if (lines.isEmpty()) {
            return Future.succeededFuture();
        }
        var tuple = Tuple.tuple();
        var positions = lines.stream()
                .map(line -> line.settled().work().pending().batch().number())
                .toList();
        tuple.addArrayOfUUID(lines.stream().map(Line::collector).toArray(UUID[]::new));
        tuple.addArrayOfInteger(
                positions.stream().map(position -> position.epoch()).toArray(Integer[]::new));
        tuple.addArrayOfLong(
                positions.stream().map(position -> position.sequence()).toArray(Long[]::new));
        tuple.addArrayOfString(lines.stream().map(Line::family).toArray(String[]::new));
        tuple.addArrayOfString(lines.stream().map(Line::reason).toArray(String[]::new));
        tuple.addArrayOfLong(lines.stream().map(LossTable::firstDropped).toArray(Long[]::new));
        tuple.addArrayOfLong(lines.stream().map(Line::batches).toArray(Long[]::new));
        tuple.addArrayOfLong(lines.stream().map(Line::rows).toArray(Long[]::new));
        tuple.addArrayOfOffsetDateTime(lines.stream()
                .map(line -> line.loss() == null ? null : time(line.loss().fromMicros()))
                .toArray(OffsetDateTime[]::new));
        tuple.addArrayOfOffsetDateTime(lines.stream()
                .map(line -> line.loss() == null ? null : time(line.loss().toMicros()))
                .toArray(OffsetDateTime[]::new));
        return connection.preparedQuery(INSERT).execute(tuple).mapEmpty();
    }

    private static Long firstDropped(Line line) {
        var settled = line.settled();
        long sequence = settled.work().pending().batch().number().sequence();
        return line.batches() == 0 ? null : Long.valueOf(sequence - settled.dropped());
    }

    /** A collector may claim any time; one that the table cannot hold is as good as unknown. */
    private static OffsetDateTime time(long micros) {
        return micros <= 0 || micros > 4_102_444_800_000_000L ? null : ColumnArrays.time(micros);
    }
}

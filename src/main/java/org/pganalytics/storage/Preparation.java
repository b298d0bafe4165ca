package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.BAD_DATA;
import static org.pganalytics.fault.Fault.COLLECTOR_UNKNOWN;
import static org.pganalytics.fault.Fault.STORE_DOWN;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what can be done before the transaction, so that no lock is held while thinking: checks, ids, rows as bytes. */
final class Preparation {
    private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
    private static final long DAY_MICROS = 86_400_000_000L;

    private final BatchCheck check;
    private final Tables tables;
    private final SecondsTable seconds;
    private final Function<String, RowWriter> writers;
    private final Answers answers;

    Preparation(
            BatchCheck check,
            Tables tables,
            SecondsTable seconds,
            Function<String, RowWriter> writers,
            Answers answers) {
        this.answers = answers;
        this.seconds = seconds;
        this.check = check;
        this.tables = tables;
        this.writers = writers;
    }

    /** Completes always, with what is ready; what is not has been refused, for a later try. */
    Future<List<Work>> prepare(List<Pending> batches) {
        var works = batches.stream().map(this::prepare).toList();
        return Future.join(works)
                .transform(joined -> Future.succeededFuture(works.stream()
                        .map(Future::result)
                        .filter(Objects::nonNull)
                        .toList()));
    }

    private Future<Work> prepare(Pending pending) {
        return seconds(pending)
                .compose(ready -> checked(pending))
                .onFailure(failure -> answers.refuse(pending, later(failure)));
    }

    private Future<Void> seconds(Pending pending) {
        return pending.key() instanceof Pending.Part part
                ? seconds.ensure(part, tables.generation())
                : Future.succeededFuture();
    }

    private Future<Work> checked(Pending pending) {
        try {
            check.check(pending.batch());
        } catch (FaultException refusal) {
            return Future.succeededFuture(new Work(pending, List.of(), refusal));
        }
        var blocks = ((BatchContent.Decoded) pending.batch().content()).blocks();
        return places(blocks)
                .compose(ready -> targets(pending, blocks))
                .map(ids -> encode(pending, blocks, ids))
                .recover(failure -> settles(failure)
                        ? Future.succeededFuture(new Work(pending, List.of(), (FaultException) failure))
                        : Future.failedFuture(failure));
    }

    private static boolean settles(Throwable failure) {
        return failure instanceof FaultException known && known.fault().settles();
    }

    private Future<Void> places(List<ColumnBlock> blocks) {
        return Future.all(blocks.stream()
                        .map(block -> tables.ensure(block.schema().family(), day(block)))
                        .toList())
                .mapEmpty();
    }

    private static LocalDate day(ColumnBlock block) {
        return LocalDate.ofEpochDay(Math.floorDiv(block.collectedAtMicros(), DAY_MICROS));
    }

    private Future<Map<String, Integer>> targets(Pending pending, List<ColumnBlock> blocks) {
        return blocks.isEmpty()
                ? Future.succeededFuture(Map.of())
                : tables.targets(
                        pending.batch().collector(),
                        blocks.stream().map(ColumnBlock::target).collect(Collectors.toSet()));
    }

    /** A collector that does not exist cannot have targets; all else is the database's trouble. */
    private static FaultException later(Throwable failure) {
        return SqlFailure.state(failure).equals("23503")
                ? COLLECTOR_UNKNOWN.because("the collector is not registered in this database", failure)
                : STORE_DOWN.because("the database does not answer", failure);
    }

    private Work encode(Pending pending, List<ColumnBlock> blocks, Map<String, Integer> ids) {
        var encoded = new ArrayList<EncodedBlock>(blocks.size());
        try {
            for (var block : blocks) {
                encoded.add(writers.apply(block.schema().family()).encode(block, ids.get(block.target())));
            }
            return new Work(pending, encoded, null);
        } catch (RuntimeException broken) {
            encoded.forEach(EncodedBlock::release);
            if (!(broken instanceof ArithmeticException)) {
                LOG.error(
                        "a batch of collector {} cannot be encoded",
                        pending.batch().collector(),
                        broken);
            }
            return new Work(
                    pending, List.of(), BAD_DATA.because("a value does not fit its column: " + broken.getMessage()));
        }
    }
}

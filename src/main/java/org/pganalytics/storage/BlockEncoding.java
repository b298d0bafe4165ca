package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.BAD_DATA;
import static org.pganalytics.fault.Fault.COLLECTOR_UNKNOWN;
import static org.pganalytics.fault.Fault.STORE_DOWN;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.Position;
import org.pganalytics.storage.series.SeriesLimits;
import org.pganalytics.storage.tables.FamilyTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes rows of blocks ready for a transaction: checked, their places made, their targets numbered, written as bytes. */
final class BlockEncoding {
    private static final Logger LOG = LoggerFactory.getLogger(BlockEncoding.class);
    private static final long DAY_MICROS = 86_400_000_000L;

    private final BatchCheck check;
    private final Tables tables;
    private final Function<String, RowWriter> writers;
    private final SeriesLimits series;

    BlockEncoding(BatchCheck check, Tables tables, Function<String, RowWriter> writers, SeriesLimits series) {
        this.check = check;
        this.tables = tables;
        this.writers = writers;
        this.series = series;
    }

    /** How the rows of a family are written. */
    static Function<String, RowWriter> writers(StorageConfig config, Tables tables) {
        var rows = config.copy() ? new CopyWriter(tables) : new UnnestWriter();
        return family -> tables.lookup(family)
                .filter(table -> table.layout() == FamilyTable.Layout.WHOLE)
                .<RowWriter>map(table -> new DictionaryWriter(table.family().dictionaryKey()))
                .orElse(rows);
    }

    /** Blocks that have passed the check, whose rows have a place. @param targets their ids by name */
    record Ready(UUID collector, List<ColumnBlock> blocks, Map<String, Integer> targets) {}

    /** Fails with a fault: one that settles blames the content, and any other can be over at the next try. */
    Future<Ready> ready(UUID collector, BatchContent content) {
        try {
            check.check(content);
        } catch (FaultException refusal) {
            return Future.failedFuture(refusal);
        }
        var blocks = ((BatchContent.Decoded) content).blocks();
        return places(blocks)
                .compose(ready -> targets(collector, blocks))
                .map(ids -> new Ready(collector, blocks, ids))
                .recover(failure -> Future.failedFuture(refusal(failure)));
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

    private Future<Map<String, Integer>> targets(UUID collector, List<ColumnBlock> blocks) {
        return blocks.isEmpty()
                ? Future.succeededFuture(Map.of())
                : tables.targets(
                        collector, blocks.stream().map(ColumnBlock::target).collect(Collectors.toSet()));
    }

    /** A collector that does not exist cannot have targets; all else is the database's trouble. */
    static FaultException refusal(Throwable failure) {
        if (failure instanceof FaultException known && known.fault().settles()) {
            return known;
        }
        return SqlFailure.state(failure).equals("23503")
                ? COLLECTOR_UNKNOWN.because("the collector is not registered in this database", failure)
                : STORE_DOWN.because("the database does not answer", failure);
    }

    private MetricFamily declared(String family) {
        return tables.lookup(family)
                .orElseThrow(() -> STORE_DOWN.because("the table of %s is being looked at anew".formatted(family)))
                .family();
    }

    /**
     * To be asked for the batches of a collector in their order. Fails as {@link #ready} does.
     *
     * @param position of the batch; null when it is one of those before, stored later
     */
    List<EncodedBlock> encode(Position position, Ready ready) {
        var encoded = new ArrayList<EncodedBlock>(ready.blocks().size());
        try {
            for (var folded : series.fold(ready.collector(), position, ready.blocks(), this::declared)) {
                var block = folded.block();
                encoded.add(writers.apply(block.schema().family())
                        .encode(block, ready.targets().get(block.target()))
                        .with(folded.folding()));
            }
            return encoded;
        } catch (FaultException refusal) {
            encoded.forEach(EncodedBlock::release);
            throw refusal;
        } catch (RuntimeException broken) {
            encoded.forEach(EncodedBlock::release);
            if (!(broken instanceof ArithmeticException)) {
                LOG.error("a batch of collector {} cannot be encoded", ready.collector(), broken);
            }
            throw BAD_DATA.because("a value does not fit its column: " + broken.getMessage());
        }
    }
}

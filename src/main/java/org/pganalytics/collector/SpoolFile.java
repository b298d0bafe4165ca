package org.pganalytics.collector;

import io.vertx.core.buffer.Buffer;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Loss.Reason;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.EncodedBody;

/**
 * Numbered batches on disk: each is synced once, frozen, and kept until it is settled and old. Blocking, for one thread.
 * A failed call leaves the file as it was, and this object in need of {@link #load}.
 */
final class SpoolFile implements AutoCloseable {
    private static final long TIDY_AT_LEAST_MILLIS = 60_000;

    private final SpoolTable table;
    private final SpoolConfig config;
    private final Clock clock;
    private final SettledShelf shelf;
    private long lastAtOpening;
    private BatchSource.Welcomed limits;
    private UUID instance;
    private int epoch;
    private long last;
    private long sent;
    private long settled;
    private long bytes;
    private long unsettledRows;
    private long unsettledBatches;
    private long tidiedAtMillis;

    SpoolFile(SpoolTable table, SpoolConfig config, Clock clock) throws SQLException {
        this.table = table;
        this.config = config;
        this.clock = clock;
        this.shelf = new SettledShelf(table, config);
        if (table.state("instance").isEmpty()) {
            table.setState("instance", UUID.randomUUID());
        }
        table.commit();
        load();
        lastAtOpening = last;
    }

    /** Reads back what is on disk, after a failure. */
    void load() throws SQLException {
        table.rollback();
        instance = UUID.fromString(table.state("instance").orElseThrow());
        epoch = (int) stored("epoch");
        sent = stored("sent");
        settled = stored("settled");
        last = Math.max(stored("last"), table.number("SELECT coalesce(max(sequence), 0) FROM batch"));
        bytes = table.sum("bytes", 0, Long.MAX_VALUE);
        shelf.load();
        countUnsettled();
        table.rollback();
    }

    private void countUnsettled() throws SQLException {
        unsettledRows = table.sum("row_count", settled, Long.MAX_VALUE);
        unsettledBatches = table.sum("1", settled, Long.MAX_VALUE);
    }

    private long stored(String key) throws SQLException {
        return table.state(key).map(Long::parseLong).orElse(0L);
    }

    /**
     * Numbers a batch and keeps it; synced when this returns.
     *
     * @return what had to be dropped to make room, itself included when nothing else could go
     */
    List<Loss> append(EncodedBody body, List<Loss> content, List<FamilySchema> schemas) throws SQLException {
        for (var schema : schemas) {
            table.keepSchema(schema);
        }
        var batch = new SpooledBatch(
                last + 1,
                last + 1,
                body.digest(),
                body.uncompressedBytes(),
                content,
                List.of(),
                schemas.stream().map(FamilySchema::fingerprint).toList(),
                body.compressed().getBytes());
        return keep(batch);
    }

    /** Gives a loss a number of its own, so that it is told like a batch. */
    void declare(List<Loss> losses) throws SQLException {
        keep(SpooledBatch.declaring(last + 1, last + 1, losses));
    }

    private List<Loss> keep(SpooledBatch batch) throws SQLException {
        insert(batch);
        var dropped = bytes > config.bytesMax() ? makeRoom(batch.sequence()) : List.<Loss>of();
        last = batch.sequence();
        commit();
        if (dropped.isEmpty()) {
            unsettledRows += batch.rows();
            unsettledBatches++;
        } else {
            countUnsettled();
        }
        return dropped;
    }

    /** Settled batches go first, then the oldest unsent ones, which become one that only declares their loss. */
    private List<Loss> makeRoom(long newest) throws SQLException {
        shelf.put(settled, clock.millis());
        bytes -= shelf.free(bytes - config.bytesMax());
        var losses = new ArrayList<Loss>();
        var declared = new ArrayList<Loss>();
        long first = 0;
        long to = sent;
        while (bytes > config.bytesMax() && to < newest) {
            var oldest = table.after(to, 1).get(0);
            first = first == 0 ? oldest.coversFrom() : first;
            to = oldest.sequence();
            declared.addAll(oldest.losses());
            oldest.content().forEach(loss -> losses.add(Losses.because(loss, Reason.SPOOL_FULL)));
            drop(to, to);
        }
        if (first > 0) {
            declared.addAll(losses);
            insert(SpooledBatch.declaring(first, to, Losses.merged(declared)));
        }
        return losses;
    }

    private void insert(SpooledBatch batch) throws SQLException {
        table.insert(batch);
        bytes += batch.bytes();
    }

    private void drop(long from, long to) throws SQLException {
        if (to >= from) {
            bytes -= table.sum("bytes", from - 1, to);
            table.delete(from, to);
        }
    }

    /** The batches after a number, synced as sent before they are returned; at least one, if there is one. */
    List<OutgoingBatch> next(long after, int max, long bytesMax) throws SQLException {
        var batches = new ArrayList<OutgoingBatch>();
        long taken = 0;
        long at = after;
        while (batches.size() < max && taken < bytesMax) {
            var found = table.after(at, 1);
            if (found.isEmpty()) {
                break;
            }
            var batch = fitting(found.get(0));
            batches.add(outgoing(batch));
            taken += batch.bytes();
            at = batch.sequence();
        }
        if (at > sent) {
            sent = at;
            commit();
        }
        return batches;
    }

    /** A batch that was never sent, and that the server would refuse for its size for ever, only declares its loss. */
    private SpooledBatch fitting(SpooledBatch batch) throws SQLException {
        if (limits == null || batch.fits(limits) || batch.sequence() <= sent) {
            return batch;
        }
        drop(batch.sequence(), batch.sequence());
        insert(batch.declaredAs(Reason.TOO_LARGE));
        unsettledRows -= batch.rows();
        return batch.declaredAs(Reason.TOO_LARGE);
    }

    private OutgoingBatch outgoing(SpooledBatch batch) throws SQLException {
        var schemas = new ArrayList<FamilySchema>();
        for (long fingerprint : batch.schemas()) {
            schemas.add(table.schema(fingerprint));
        }
        var position = new BatchPosition(epoch, batch.sequence(), batch.coversFrom());
        var header = new BatchHeader(position, batch.digest(), batch.uncompressedBytes(), batch.losses());
        return new OutgoingBatch(header, Buffer.buffer(batch.body()), schemas);
    }

    SpoolStanding welcome(BatchSource.Welcomed welcome) throws SQLException {
        limits = welcome;
        long mark = welcome.mark();
        if (mark > sent) {
            // Made since this opening, so never sent by anybody, and yet their numbers are taken.
            becomeNewInstance(mark, Math.max(sent, lastAtOpening));
            return new SpoolStanding(BatchSource.Course.NEW_INSTANCE, true);
        }
        boolean changed = welcome.epoch() != epoch || mark < settled;
        epoch = welcome.epoch();
        shelf.takeBack(mark);
        shelf.put(mark, clock.millis());
        settled = mark;
        var first = table.after(mark, 1);
        long gapEnd = first.isEmpty() ? last : first.get(0).coversFrom() - 1;
        if (gapEnd > mark) {
            var lost = List.of(Losses.unknown(Reason.NO_LONGER_KEPT, 0, clock.millis() * 1000));
            insert(SpooledBatch.declaring(mark + 1, gapEnd, lost));
        }
        commit();
        countUnsettled();
        return new SpoolStanding(BatchSource.Course.SEND, changed);
    }

    /**
     * Another instance followed this one: what was sent and never answered may be stored or not, nobody will say; it is
     * declared lost, so that nothing is doubled. What was never sent gets new numbers.
     *
     * @return what is lost by it
     */
    List<Loss> superseded() throws SQLException {
        return becomeNewInstance(sent, settled);
    }

    /** What lies up to the mark goes, and is lost above what is known; the rest is renumbered: all or nothing. */
    private List<Loss> becomeNewInstance(long mark, long knownUpTo) throws SQLException {
        var losses = table.lossesWhenDropped(knownUpTo, mark);
        table.delete(0, mark);
        table.renumber(mark);
        table.setState("instance", UUID.randomUUID());
        epoch = 0;
        settled = sent = 0;
        long moved = Math.max(0, last - mark);
        last = losses.isEmpty() ? moved : moved + 1;
        if (last > moved) {
            insert(SpooledBatch.declaring(last, last, losses));
        }
        commit();
        load();
        lastAtOpening = moved;
        return losses;
    }

    /** @return rows settled by this; kept on disk by the next {@link #tidy} */
    long settle(long upTo) throws SQLException {
        if (upTo <= settled) {
            return 0;
        }
        long upToSent = Math.min(upTo, sent);
        long rows = table.sum("row_count", settled, upToSent);
        unsettledBatches -= table.sum("1", settled, upToSent);
        settled = upToSent;
        unsettledRows -= rows;
        return rows;
    }

    /** Writes down what is settled and lets go of what has been so for long enough. */
    void tidy() throws SQLException {
        long now = clock.millis();
        if (settled == shelf.upTo() && now - tidiedAtMillis < TIDY_AT_LEAST_MILLIS && now >= tidiedAtMillis) {
            return;
        }
        tidiedAtMillis = now;
        shelf.put(settled, now);
        bytes -= shelf.tidy(now);
        commit();
    }

    private void commit() throws SQLException {
        table.setState("epoch", epoch);
        table.setState("sent", sent);
        table.setState("settled", settled);
        table.setState("last", last);
        table.commit();
    }

    UUID instance() {
        return instance;
    }

    long bytes() {
        return bytes;
    }

    long unsettledRows() {
        return unsettledRows;
    }

    /** Batches not yet settled. */
    long unsettledBatches() {
        return unsettledBatches;
    }

    @Override
    public void close() throws SQLException {
        table.close();
    }
}

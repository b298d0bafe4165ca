package org.pganalytics.collector;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;

/** Batches in memory, answered at once: the other extreme from a spool. */
final class MemorySource implements BatchSource {
    static final FamilySchema SCHEMA = FamilySchema.of(
            "sample",
            List.of(
                    new Column("id", ColumnType.INT8, ColumnRole.KEY),
                    new Column("note", ColumnType.TEXT, ColumnRole.TEXT)));

    final List<Fault> refusals = new CopyOnWriteArrayList<>();
    volatile long settled;
    private final UUID instance = UUID.randomUUID();
    private final int batches;
    volatile int superseded;
    private int epoch = 1;

    MemorySource(int batches) {
        this.batches = batches;
    }

    static ColumnBlock block(int rows, long first, String note) {
        var values = new long[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = first + row;
        }
        return new ColumnBlock(
                SCHEMA,
                "target",
                1_700_000_000_000_000L + first,
                rows,
                List.of(
                        new ColumnVector.Longs(values, new BitSet()),
                        new ColumnVector.Texts(new byte[][] {note.getBytes(StandardCharsets.UTF_8)}, new int[rows])));
    }

    @Override
    public UUID instance() {
        return instance;
    }

    @Override
    public Future<Void> superseded() {
        superseded++;
        return Future.succeededFuture();
    }

    @Override
    public Future<Course> welcome(Welcomed welcome) {
        epoch = welcome.epoch();
        return Future.succeededFuture(Course.SEND);
    }

    @Override
    public Future<List<OutgoingBatch>> next(long after, int max) {
        var found = new ArrayList<OutgoingBatch>();
        for (long number = after + 1; number <= batches && found.size() < max; number++) {
            var body = new BatchEncoder(1).encode(List.of(block(3, number, "batch " + number)));
            var header = new BatchHeader(
                    new BatchPosition(epoch, number, number), body.digest(), body.uncompressedBytes(), List.of());
            found.add(new OutgoingBatch(header, body.compressed(), List.of(SCHEMA)));
        }
        return Future.succeededFuture(found);
    }

    @Override
    public void onMore(Runnable handler) {
        // Everything is there from the start.
    }

    @Override
    public void settled(long upTo) {
        settled = upTo;
    }

    @Override
    public void refused(long sequence, Fault fault, String detail) {
        refusals.add(fault);
    }
}

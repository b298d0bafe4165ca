package org.pganalytics.ingest;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.Frame;

/** Batches as an agent would make them. */
public final class SomeBatches {
    public static final FamilySchema SCHEMA =
            FamilySchema.of("pg_test", List.of(new Column("calls", ColumnType.INT8, ColumnRole.COUNTER)));

    private SomeBatches() {}

    public static List<ColumnBlock> blocks(long seed, int rows) {
        long[] values = IntStream.range(0, rows)
                .mapToLong(row -> seed * 1_000_003 + (long) row * row)
                .toArray();
        return List.of(new ColumnBlock(
                SCHEMA, "db1", 1_700_000_000_000_000L, rows, List.of(new ColumnVector.Longs(values, new BitSet()))));
    }

    public static Frame.BatchFrame batch(int epoch, long sequence, int rows) {
        return batch(new BatchPosition(epoch, sequence, sequence), rows);
    }

    public static Frame.BatchFrame batch(BatchPosition position, int rows) {
        var body = new BatchEncoder(1).encode(blocks(position.sequence(), rows));
        return new Frame.BatchFrame(
                new BatchHeader(position, body.digest(), body.uncompressedBytes(), List.of()), body.compressed());
    }
}

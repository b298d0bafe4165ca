package org.pganalytics.collector;

import java.util.Optional;
import java.util.stream.IntStream;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;

/**
 * Leaves out of a family's blocks, read at one database, the rows that have not moved since they were last sent: those
 * whose counters are the same or, without counters, whose columns all are. Holds 48 bytes a row of the last block at
 * most. Used by one thread at a time.
 */
final class MovedRows {
    private final RowHashes hashes;
    private final long fullEveryMillis;
    private LongTable sent;
    private long fullAtMillis;

    /** @param fullEveryMillis how often all rows are let through; more than 0 */
    MovedRows(long fullEveryMillis, long seed) {
        this.fullEveryMillis = fullEveryMillis;
        this.hashes = new RowHashes(seed);
    }

    /** What is left of a block that holds all rows there are now. */
    Optional<ColumnBlock> of(ColumnBlock block, long nowMillis) {
        boolean full = sent == null || nowMillis - fullAtMillis >= fullEveryMillis || nowMillis < fullAtMillis;
        var keys = hash(block, true);
        var states = hash(block, false);
        var before = sent;
        remember(keys, states);
        if (full) {
            fullAtMillis = nowMillis;
            return Optional.of(block);
        }
        int[] moved = IntStream.range(0, keys.length)
                .filter(row -> !before.has(keys[row], states[row]))
                .toArray();
        return moved.length == 0 ? Optional.empty() : Optional.of(RowPicks.of(block, moved));
    }

    private void remember(long[] keys, long[] states) {
        sent = new LongTable(keys.length);
        for (int row = 0; row < keys.length; row++) {
            sent.put(keys[row], states[row]);
        }
    }

    private long[] hash(ColumnBlock block, boolean ofKey) {
        var columns = block.schema().columns();
        boolean counts = columns.stream().anyMatch(column -> column.role() == ColumnRole.COUNTER);
        var into = hashes.start(block.rows());
        for (int at = 0; at < columns.size(); at++) {
            if (ofKey ? columns.get(at).role() == ColumnRole.KEY : decides(columns.get(at), counts)) {
                hashes.add(block.vectors().get(at), into);
            }
        }
        return into;
    }

    private static boolean decides(Column column, boolean counts) {
        return column.role() == ColumnRole.COUNTER || !counts && column.role() != ColumnRole.KEY;
    }
}

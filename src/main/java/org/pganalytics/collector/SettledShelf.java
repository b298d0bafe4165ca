package org.pganalytics.collector;

import java.sql.SQLException;

/** The settled batches that are still on disk, for a server whose database was restored: oldest go first. */
final class SettledShelf {
    private static final String BYTES_BETWEEN =
            "SELECT coalesce(sum(bytes), 0) FROM batch WHERE sequence > ? AND sequence <= ?";

    private final SpoolTable table;
    private final SpoolConfig config;
    private long upTo;
    private long bytes;

    SettledShelf(SpoolTable table, SpoolConfig config) {
        this.table = table;
        this.config = config;
    }

    void load() throws SQLException {
        upTo = table.number("SELECT coalesce(max(sequence), 0) FROM batch WHERE settled_at IS NOT NULL");
        bytes = table.number("SELECT coalesce(sum(bytes), 0) FROM batch WHERE settled_at IS NOT NULL");
    }

    /** Up to which number it is written down that batches are settled. */
    long upTo() {
        return upTo;
    }

    void put(long settled, long nowMillis) throws SQLException {
        if (settled > upTo) {
            bytes += table.number(BYTES_BETWEEN, upTo, settled);
            table.settle(upTo, settled, nowMillis);
            upTo = settled;
        }
    }

    /** Everything above the mark is to be sent again. */
    void takeBack(long mark) throws SQLException {
        table.unsettle(mark);
        load();
        upTo = Math.min(upTo, mark);
    }

    /** Drops the oldest until so many bytes are free, or none are left. @return bytes freed */
    long free(long wanted) throws SQLException {
        return wanted <= 0 ? 0 : drop(table.settledToFree(wanted));
    }

    /** Drops what is older, or more, than it is configured to be. @return bytes freed */
    long tidy(long nowMillis) throws SQLException {
        long old = drop(table.settledBefore(nowMillis - config.settledKept().toMillis()));
        return old + free(bytes - config.settledBytesMax());
    }

    private long drop(long to) throws SQLException {
        long freed = table.number(BYTES_BETWEEN, 0L, to);
        table.delete(1, to);
        bytes -= freed;
        return freed;
    }
}

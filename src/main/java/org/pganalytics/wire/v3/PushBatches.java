package org.pganalytics.wire.v3;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Batch;
import org.pganalytics.model.ColumnBlock;

/**
 * Makes batches of the objects of one push, one a type and database, the first object of a second kept and the others
 * counted. One thread at a time.
 */
final class PushBatches {
    /** Types times databases of one push; a real collector has a dozen for each of its databases. */
    static final int PARTS_MAX = 5_000;

    private final UUID collector;
    private final Window window;
    private final Map<Key, PartRun> parts = new LinkedHashMap<>();
    private long objects;
    private long repeated;
    private long bytes;
    private long rows;

    private record Key(String type, String database) {}

    /**
     * The seconds that the server's clock makes plausible; what lies outside is given to the store apart, so that it
     * is set aside alone if it must.
     */
    record Window(long now, long from, long to) {
        boolean holds(long second) {
            return second >= from && second <= to;
        }
    }

    PushBatches(UUID collector, Window window) {
        this.collector = collector;
        this.window = window;
    }

    /** Takes an object, unless this push had one of its type and database at that second before. */
    void add(PushedObject object) {
        objects++;
        var key = new Key(object.type(), object.database());
        var part = parts.get(key);
        if (part == null) {
            if (parts.size() == PARTS_MAX) {
                throw Fault.UNDECODABLE.because("a push may be about %d types and databases".formatted(PARTS_MAX));
            }
            part = new PartRun(object.type(), object.database(), window);
            parts.put(key, part);
        }
        if (part.add(object)) {
            bytes += object.bytes();
            rows += object.rowCount();
        } else {
            repeated++;
        }
    }

    /** Gives out what has gathered; what comes after that makes other batches. @param target the host's name */
    List<Batch> flush(String target) {
        var shown = target.length() > ColumnBlock.TARGET_LENGTH_MAX
                ? target.substring(0, ColumnBlock.TARGET_LENGTH_MAX)
                : target;
        var batches = new ArrayList<Batch>();
        parts.values().forEach(part -> batches.addAll(part.flush(collector, shown)));
        bytes = 0;
        rows = 0;
        return batches;
    }

    /** About what has gathered holds of memory. */
    long bytes() {
        return bytes;
    }

    /** That have gathered. */
    long rows() {
        return rows;
    }

    /** All that came. */
    long objects() {
        return objects;
    }

    /** Those that this push had before. */
    long repeated() {
        return repeated;
    }
}

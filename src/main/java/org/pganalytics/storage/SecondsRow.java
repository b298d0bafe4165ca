package org.pganalytics.storage;

import java.util.Arrays;
import java.util.List;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.SecondRanges.LogLines;
import org.pganalytics.model.Seconds;

/**
 * What was stored of one type and database of a version 3 collector, under its row's lock. What it says holds only if the
 * transaction that locked it commits.
 */
final class SecondsRow {
    /** A collector that is late tells of 50 MiB at once, in rising order: joining the oldest loses nothing of that. */
    static final int RANGES_MAX = 1_024;
    /** A version 3 collector repeats the last hundred lines. */
    static final int LINES_MAX = 100;

    private Seconds stored;
    private long[] lines;
    private boolean touched;

    SecondsRow(Seconds stored, long[] lines) {
        this.stored = stored;
        this.lines = lines;
    }

    /** What of a batch is new. @param blocks those that are to be written */
    record Fresh(SecondRanges position, OwnSeconds own, List<EncodedBlock> blocks) {}

    Fresh fresh(SecondRanges position, List<EncodedBlock> blocks) {
        var seconds = position.seconds().minus(stored);
        var log = position.log();
        boolean mayRepeat = log != null && seconds.contains(log.first());
        var own = new OwnSeconds(seconds, mayRepeat ? SecondRanges.overlap(lines, log.firstLines()) : 0);
        return new Fresh(
                new SecondRanges(position.type(), position.database(), seconds, log),
                own,
                own.of(blocks, block -> block.block().collectedAtMicros()));
    }

    /** Notes that what was fresh is settled. */
    void settle(SecondRanges position) {
        touched = true;
        if (position.seconds().isEmpty()) {
            return;
        }
        stored = stored.plus(position.seconds()).within(RANGES_MAX);
        LogLines log = position.log();
        if (log != null && log.lastLines().length > 0) {
            var last = log.lastLines();
            lines = Arrays.copyOfRange(last, Math.max(0, last.length - LINES_MAX), last.length);
        }
    }

    Seconds stored() {
        return stored;
    }

    long[] lines() {
        return lines;
    }

    /** Whether an answer depends on it: then it must be written, so that what was seen is known to be committed. */
    boolean touched() {
        return touched;
    }
}

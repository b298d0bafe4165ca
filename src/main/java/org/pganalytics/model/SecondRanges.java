package org.pganalytics.model;

import java.util.Arrays;

/**
 * What a push of a version 3 collector holds of one type and database. Such a collector numbers nothing and repeats
 * itself; the seconds that its objects speak of tell what is new. A block belongs to the second that it was collected
 * at.
 *
 * @param type of the objects, 1 to 63 characters
 * @param database that they are about, at most 255 characters; empty for a type that is about the server
 * @param seconds of the objects, those without rows included; in a receipt, those that were new
 * @param log for objects that repeat their lines; else null
 */
public record SecondRanges(String type, String database, Seconds seconds, LogLines log) implements Position {

    /**
     * Lines of a log, by a hash of their content. An object repeats what the one before it held, so only what does not
     * overlap is new. The blocks of the first second have one row each, in the order of its lines.
     *
     * @param first the second of the first object that has lines
     * @param firstLines all its lines
     * @param lastLines all lines of the last object that has some
     */
    public record LogLines(long first, long[] firstLines, long[] lastLines) {}

    /** How many lines at the begin of the later are those at the end of the earlier. */
    public static int overlap(long[] earlier, long[] later) {
        for (int length = Math.min(earlier.length, later.length); length > 0; length--) {
            if (Arrays.equals(earlier, earlier.length - length, earlier.length, later, 0, length)) {
                return length;
            }
        }
        return 0;
    }
}

package org.pganalytics.storage.series;

/**
 * What was folded of a block.
 *
 * @param rows that were sent and are not stored as they were
 * @param unfollowed of these, those whose counters add nothing to the row that they are folded into
 * @param made rows that stand in their place
 */
public record Folding(int rows, int unfollowed, int made) {
    public static final Folding NONE = new Folding(0, 0, 0);

    /** Both together. */
    public Folding and(Folding other) {
        return new Folding(rows + other.rows, unfollowed + other.unfollowed, made + other.made);
    }
}

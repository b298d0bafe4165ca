package org.pganalytics.model;

import java.util.Arrays;

/** A set of seconds since 1970 as ranges that neither touch nor overlap, in rising order. Immutable. */
public final class Seconds {
    public static final Seconds NONE = new Seconds(new long[0]);

    /** First and last second of each range. */
    private final long[] bounds;

    private Seconds(long[] bounds) {
        this.bounds = bounds;
    }

    /** @param seconds in any order, also more than once */
    public static Seconds of(long... seconds) {
        var sorted = seconds.clone();
        Arrays.sort(sorted);
        var pairs = new long[2 * sorted.length];
        for (int i = 0; i < sorted.length; i++) {
            pairs[2 * i] = sorted[i];
            pairs[2 * i + 1] = sorted[i];
        }
        return merged(pairs, pairs.length);
    }

    /** @param bounds first and last second of each range, as {@link #bounds} gives them */
    public static Seconds ofBounds(long[] bounds) {
        boolean rises = bounds.length % 2 == 0;
        for (int i = 1; i < bounds.length; i++) {
            boolean begins = i % 2 == 0;
            rises &= begins ? bounds[i] > bounds[i - 1] + 1 : bounds[i] >= bounds[i - 1];
        }
        if (!rises) {
            throw new IllegalArgumentException("ranges of seconds that touch, overlap or fall");
        }
        return new Seconds(bounds.clone());
    }

    public boolean contains(long second) {
        int at = Arrays.binarySearch(bounds, second);
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    public int ranges() {
        return bounds.length / 2;
    }

    /** How many seconds there are. */
    public long count() {
        long count = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            count += bounds[i + 1] - bounds[i] + 1;
        }
        return count;
    }

    public long first() {
        return bounds[0];
    }

    public Seconds plus(Seconds other) {
        var both = new long[bounds.length + other.bounds.length];
        int mine = 0;
        int theirs = 0;
        for (int i = 0; i < both.length; i += 2) {
            boolean takeMine =
                    theirs == other.bounds.length || mine < bounds.length && bounds[mine] <= other.bounds[theirs];
            var from = takeMine ? bounds : other.bounds;
            int at = takeMine ? mine : theirs;
            both[i] = from[at];
            both[i + 1] = from[at + 1];
            mine += takeMine ? 2 : 0;
            theirs += takeMine ? 0 : 2;
        }
        return merged(both, both.length);
    }

    public Seconds minus(Seconds other) {
        var left = new long[bounds.length + other.bounds.length];
        int count = 0;
        int theirs = 0;
        for (int mine = 0; mine < bounds.length; mine += 2) {
            long from = bounds[mine];
            while (theirs < other.bounds.length && other.bounds[theirs + 1] < from) {
                theirs += 2;
            }
            for (int at = theirs; at < other.bounds.length && other.bounds[at] <= bounds[mine + 1]; at += 2) {
                count = add(left, count, from, other.bounds[at] - 1);
                from = other.bounds[at + 1] + 1;
            }
            count = add(left, count, from, bounds[mine + 1]);
        }
        return new Seconds(Arrays.copyOf(left, count));
    }

    private static int add(long[] to, int count, long first, long last) {
        if (first > last) {
            return count;
        }
        to[count] = first;
        to[count + 1] = last;
        return count + 2;
    }

    /** The same in at most so many ranges: the oldest are joined, and what lay between them counts as contained. */
    public Seconds within(int rangesMax) {
        int tooMany = ranges() - rangesMax;
        if (tooMany <= 0) {
            return this;
        }
        var fewer = Arrays.copyOfRange(bounds, 2 * tooMany, bounds.length);
        fewer[0] = bounds[0];
        return new Seconds(fewer);
    }

    /** First and last second of each range, in rising order. */
    public long[] bounds() {
        return bounds.clone();
    }

    /** Joins ranges that touch or overlap; they come sorted by their first second. */
    private static Seconds merged(long[] pairs, int length) {
        int count = 0;
        for (int i = 0; i < length; i += 2) {
            if (count > 0 && pairs[i] <= pairs[count - 1] + 1) {
                pairs[count - 1] = Math.max(pairs[count - 1], pairs[i + 1]);
            } else {
                pairs[count] = pairs[i];
                pairs[count + 1] = pairs[i + 1];
                count += 2;
            }
        }
        return new Seconds(Arrays.copyOf(pairs, count));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Seconds that && Arrays.equals(bounds, that.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int i = 0; i < bounds.length; i += 2) {
            text.append(i == 0 ? "" : ", ").append(bounds[i]).append('–').append(bounds[i + 1]);
        }
        return text.toString();
    }
}

package org.pganalytics.audit.chain;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Which numbers of which writers were there: a bit an event. */
final class SeenNumbers {
    private static final int BITS = 20;

    private record Part(UUID writer, long part) {}

    private final Map<Part, BitSet> seen = new HashMap<>();

    /** False when it was there before. */
    boolean add(UUID writer, long number) {
        var bits = seen.computeIfAbsent(new Part(writer, number >> BITS), part -> new BitSet());
        int bit = (int) (number & (1L << BITS) - 1);
        boolean fresh = !bits.get(bit);
        bits.set(bit);
        return fresh;
    }
}

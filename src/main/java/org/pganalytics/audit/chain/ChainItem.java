package org.pganalytics.audit.chain;

/** What there is to verify, in this order: the beginning, the pruning, events and seals by position, then the rest. */
sealed interface ChainItem {

    /** Signed. */
    record Signed(Checkpoint checkpoint) implements ChainItem {}

    /** An event in its place. @param event null when its row is gone */
    record Sealed(long position, long eventId, byte[] hash, ProvenEvent event) implements ChainItem {}

    /** An event that is in no place. @param event null when its row is gone @param queued whether it waits for its place */
    record Loose(long eventId, ProvenEvent event, boolean queued) implements ChainItem {}

    /** How many events were there before the chain began; nothing proves them. */
    record Before(long events) implements ChainItem {}
}

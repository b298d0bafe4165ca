package org.pganalytics.audit.chain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One batch of events put into the chain. Some milliseconds of hashing: not for an event loop.
 *
 * @param seals in the order of the chain
 * @param dropped events that were there before the chain began, and stay out of it
 * @param bent how many of those sealed are not as a server with keys wrote them
 * @param checkpoint null when nothing was sealed
 */
record Sealing(List<Seal> seals, List<Long> dropped, long bent, Checkpoint checkpoint) {

    /** The place of an event. */
    record Seal(long position, long eventId, byte[] hash) {}

    /** What waits to be sealed. @param event null when its row is gone, which the chain then tells */
    record Waiting(long eventId, ProvenEvent event) {
        boolean isProvenBy(AuditKeys keys) {
            return event != null && event.isProven() && keys.proves(event);
        }
    }

    /** @param beforeId events without proof up to this id were there before the chain began */
    static Sealing of(Checkpoint last, long beforeId, List<Waiting> waiting, AuditKeys keys, Instant now) {
        var seals = new ArrayList<Seal>();
        var dropped = new ArrayList<Long>();
        long bent = 0;
        var hash = last.hash();
        for (var each : waiting) {
            if (each.eventId() <= beforeId
                    && (each.event() == null || !each.event().isProven())) {
                dropped.add(each.eventId());
                continue;
            }
            bent += each.isProvenBy(keys) ? 0 : 1;
            long position = last.position() + seals.size() + 1;
            hash = link(hash, position, each);
            seals.add(new Seal(position, each.eventId(), hash));
        }
        var checkpoint = seals.isEmpty()
                ? null
                : new Checkpoint(
                                last.position() + seals.size(),
                                Checkpoint.Kind.SEAL,
                                last.chain(),
                                hash,
                                seals.size(),
                                0,
                                now,
                                null,
                                null)
                        .signedWith(keys);
        return new Sealing(seals, dropped, bent, checkpoint);
    }

    private static byte[] link(byte[] before, long position, Waiting each) {
        var event = each.event();
        boolean there = event != null;
        return Hashes.link(
                before,
                position,
                each.eventId(),
                there ? event.digest() : new byte[Hashes.BYTES],
                there && event.hmac() != null ? event.hmac() : new byte[0]);
    }
}

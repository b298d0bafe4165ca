package org.pganalytics.audit.chain;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** Follows a chain from its beginning and finds the first record that is not as it was written. For one thread. */
public final class ChainVerifier {
    private final AuditKeys keys;
    private final OutsideCheckpoints outside;
    private final Optional<Instant> unprovenUntil;
    private final SeenNumbers seen = new SeenNumbers();
    private Checkpoint begin;
    private Checkpoint last;
    private long from = 1;
    private long position;
    private byte[] hash;
    private String firstUnproven;
    private long erased;
    private long unproven;
    private long waiting;
    private long before;
    private String bad;

    /**
     * @param outside checkpoints kept outside the database
     * @param unprovenUntil events without an hmac are accepted when they were sealed until then: servers without keys may
     *     have run beside others
     */
    public ChainVerifier(AuditKeys keys, OutsideCheckpoints outside, Optional<Instant> unprovenUntil) {
        this.keys = keys;
        this.outside = outside;
        this.unprovenUntil = unprovenUntil;
        this.bad = outside.unsigned(keys).orElse(null);
    }

    /** The next one; after the first bad record nothing matters. */
    void take(ChainItem item) {
        if (bad != null) {
            return;
        }
        if (item instanceof ChainItem.Signed signed) {
            take(signed.checkpoint());
        } else if (item instanceof ChainItem.Sealed placed) {
            take(placed);
        } else if (item instanceof ChainItem.Loose loose) {
            take(loose);
        } else if (item instanceof ChainItem.Before old) {
            before = old.events();
        }
    }

    private void take(Checkpoint checkpoint) {
        if (!checkpoint.isSigned(keys)) {
            bad("the %s checkpoint at position %d is not signed with a key of ours"
                    .formatted(checkpoint.kind().word(), checkpoint.position()));
            return;
        }
        switch (checkpoint.kind()) {
            case BEGIN -> begins(checkpoint);
            case PRUNE -> pruned(checkpoint);
            case SEAL -> sealed(checkpoint);
        }
    }

    private void begins(Checkpoint checkpoint) {
        if (begin != null || position > 0) {
            bad("the chain begins a second time, at " + checkpoint.time());
            return;
        }
        begin = checkpoint;
        last = checkpoint;
        hash = checkpoint.hash();
        outsideAgrees(checkpoint);
    }

    private void pruned(Checkpoint checkpoint) {
        if (isForeign(checkpoint) || position > 0) {
            bad("the pruning at position %d is not of this chain".formatted(checkpoint.position()));
            return;
        }
        position = checkpoint.position();
        from = position + 1;
        last = checkpoint;
        hash = checkpoint.hash();
        outside.skipTo(position);
    }

    private boolean isForeign(Checkpoint checkpoint) {
        return begin == null || !begin.chain().equals(checkpoint.chain());
    }

    private void sealed(Checkpoint checkpoint) {
        if (isForeign(checkpoint)) {
            bad("the checkpoint at position %d is of another chain".formatted(checkpoint.position()));
        } else if (checkpoint.position() != position) {
            bad("position %d is missing: a checkpoint signed at %s says that the chain went on to %d"
                    .formatted(position + 1, checkpoint.time(), checkpoint.position()));
        } else if (!Arrays.equals(checkpoint.hash(), hash)) {
            bad("the checkpoint at position %d, signed at %s, has another hash than the chain"
                    .formatted(position, checkpoint.time()));
        } else if (last.kind() != Checkpoint.Kind.PRUNE && checkpoint.events() != position - last.position()) {
            bad("the checkpoint at position %d sealed %d events, and %d are there: a checkpoint between them is gone"
                    .formatted(position, checkpoint.events(), position - last.position()));
        } else {
            closes(checkpoint);
        }
    }

    private void closes(Checkpoint checkpoint) {
        if (firstUnproven != null && checkpoint.time().isAfter(unprovenUntil.orElse(Instant.MIN))) {
            bad(firstUnproven);
            return;
        }
        firstUnproven = null;
        last = checkpoint;
        outsideAgrees(checkpoint);
    }

    private void outsideAgrees(Checkpoint checkpoint) {
        outside.differs(checkpoint).ifPresent(this::bad);
    }

    private void take(ChainItem.Sealed placed) {
        var name = "position %d, event %d".formatted(placed.position(), placed.eventId());
        if (begin == null) {
            bad(name + ": the signed beginning of the chain is gone");
        } else if (placed.position() <= position) {
            bad(name + ": the position is there twice");
        } else if (placed.position() != position + 1) {
            bad(missing(placed.position()));
        } else if (placed.event() == null) {
            bad(name + " was deleted");
        } else {
            follow(placed, name + said(placed.event()));
        }
    }

    private String missing(long next) {
        return last.kind() == Checkpoint.Kind.BEGIN && position == 0
                ? "positions 1 to %d are missing, and no signed pruning says so".formatted(next - 1)
                : "position %d is missing, the next one there is %d".formatted(position + 1, next);
    }

    private void follow(ChainItem.Sealed placed, String name) {
        var event = placed.event();
        if (event.isProven()) {
            EventCheck.problem(event, keys, seen).ifPresent(why -> bad(name + ": " + why));
        } else {
            unproven++;
            firstUnproven = firstUnproven == null ? name + ": " + EventCheck.UNPROVEN : firstUnproven;
        }
        var next = Hashes.link(
                hash,
                placed.position(),
                placed.eventId(),
                event.digest(),
                event.hmac() == null ? new byte[0] : event.hmac());
        if (bad == null && !Arrays.equals(next, placed.hash())) {
            bad(name + ": the chain does not lead here: the event or its place was changed after it was sealed");
        }
        erased += event.isErased() ? 1 : 0;
        position = placed.position();
        hash = next;
    }

    private void take(ChainItem.Loose loose) {
        var name = "event " + loose.eventId() + (loose.event() == null ? "" : said(loose.event()));
        if (loose.event() == null) {
            bad(name + " was deleted before it was sealed");
        } else if (!loose.queued()) {
            bad(name + " is neither sealed nor waiting for it: put there past the servers, or its seal was taken away");
        } else if (loose.event().isProven()) {
            waiting++;
            EventCheck.problem(loose.event(), keys, seen).ifPresent(why -> bad(name + ", not sealed yet: " + why));
        } else if (unprovenUntil.isEmpty()) {
            bad(name + ", not sealed yet: " + EventCheck.UNPROVEN);
        } else {
            waiting++;
            unproven++;
        }
    }

    private static String said(ProvenEvent event) {
        return " (%s, %s)".formatted(event.action(), event.time());
    }

    private void bad(String why) {
        if (bad == null) {
            bad = why;
        }
    }

    /** After the last one. */
    public Verdict end() {
        if (bad == null) {
            endOfChain();
        }
        return new Verdict(
                from,
                position,
                erased,
                unproven,
                waiting,
                before,
                last == null ? null : last.time(),
                !keys.hmacs().isEmpty(),
                Optional.ofNullable(bad));
    }

    private void endOfChain() {
        if (begin == null) {
            bad("there is no chain: no server with keys has run on this database, or all of it was deleted");
        } else if (last.position() != position) {
            bad("positions %d to %d are sealed by no checkpoint: it was deleted"
                    .formatted(last.position() + 1, position));
        }
        outside.beyond(position).ifPresent(this::bad);
    }
}

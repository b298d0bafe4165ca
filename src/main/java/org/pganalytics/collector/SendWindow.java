package org.pganalytics.collector;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What is under way on one connection: takes batches from the source while the server's window has room, and goes back
 * when the server asks for it. Lives on one event loop, so its fields need no lock.
 */
final class SendWindow {
    private final BatchSource source;
    private final int inFlightMax;
    private final BooleanSupplier writable;
    private final Consumer<OutgoingBatch> write;
    private final Consumer<Throwable> broken;
    private final Deque<Long> inFlight = new ArrayDeque<>();
    private int window;
    private long lastSent;
    private long settled;
    private boolean open;
    private boolean paused;
    private boolean fetching;
    private boolean again;
    private long turn;

    /** @param broken told when the source fails; the connection is to be given up */
    SendWindow(
            BatchSource source,
            int inFlightMax,
            BooleanSupplier writable,
            Consumer<OutgoingBatch> write,
            Consumer<Throwable> broken) {
        this.source = source;
        this.inFlightMax = inFlightMax;
        this.writable = writable;
        this.write = write;
        this.broken = broken;
    }

    void open(long mark, int firstWindow) {
        settled = mark;
        lastSent = mark;
        window = firstWindow;
        open = true;
        source.onMore(this::pump);
        pump();
    }

    void close() {
        open = false;
        inFlight.clear();
    }

    /** Asks the source for as much as there is room for; while it answers, further calls are remembered. */
    void pump() {
        int room = Math.min(window, inFlightMax) - inFlight.size();
        if (!open || paused || room <= 0 || !writable.getAsBoolean()) {
            return;
        }
        if (fetching) {
            again = true;
            return;
        }
        fetching = true;
        again = false;
        long mine = turn;
        source.next(lastSent, room).onComplete(answer -> {
            fetching = false;
            if (answer.failed()) {
                fail(answer.cause());
            } else {
                take(answer.result(), mine);
            }
        });
    }

    private void fail(Throwable cause) {
        if (open) {
            broken.accept(cause);
        }
    }

    private void take(List<OutgoingBatch> batches, long askedInTurn) {
        if (!open) {
            return;
        }
        boolean current = askedInTurn == turn;
        if (current) {
            batches.forEach(this::send);
        }
        if (!current || again || !batches.isEmpty()) {
            pump();
        }
    }

    private void send(OutgoingBatch batch) {
        lastSent = batch.sequence();
        write.accept(batch);
        inFlight.addLast(batch.sequence());
    }

    /** @return whether anything more is settled than before */
    boolean settled(long upTo) {
        if (upTo <= settled) {
            return false;
        }
        settled = upTo;
        lastSent = Math.max(lastSent, upTo);
        while (!inFlight.isEmpty() && inFlight.peekFirst() <= upTo) {
            inFlight.removeFirst();
        }
        source.settled(upTo);
        return true;
    }

    void window(int batches) {
        window = batches;
    }

    /**
     * Goes back to the number the server waits for, and pauses until {@link #resume}.
     *
     * @return false when that number is settled or was never sent: the two sides do not mean the same ledger any more
     */
    boolean goBack(long expected) {
        if (expected <= settled || expected > lastSent + 1) {
            return false;
        }
        turn++;
        lastSent = expected - 1;
        while (!inFlight.isEmpty() && inFlight.peekLast() >= expected) {
            inFlight.removeLast();
        }
        paused = true;
        return true;
    }

    void resume() {
        paused = false;
        pump();
    }

    boolean isOwed() {
        return !inFlight.isEmpty();
    }

    long settledUpTo() {
        return settled;
    }
}

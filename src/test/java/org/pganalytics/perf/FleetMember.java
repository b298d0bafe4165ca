package org.pganalytics.perf;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pganalytics.wire.EncodedBody;

/**
 * One collector of a fleet, for one thread that never waits for it: one batch is unanswered at a time, and those that fall
 * due meanwhile follow it. All is held against when a batch was due, not against when it was sent.
 */
final class FleetMember {
    /** Sent later than this after it was due, though nothing was in the way: the bench cannot keep up. */
    private static final long LATE_NANOS = 1_000_000_000L;

    private final NativeSession session;
    private final EncodedBody body;

    /** When the batches that are not acknowledged were due; the first is on its way, or was refused. */
    private final Deque<Long> due = new ArrayDeque<>();

    private boolean isUnderWay;
    private long retryAt;
    private String refusal = "";
    private String lost = "";
    private int throttlesBefore;
    private Count count = new Count();

    /** What happened since the last time that it was asked. */
    static final class Count {
        private int acknowledged;
        private int throttled;
        private int refused;
        private int behind;
        private int sentLate;
        private int unfinished;

        boolean isClean() {
            return throttled + refused + behind + sentLate + unfinished == 0;
        }

        int acknowledged() {
            return acknowledged;
        }

        int throttled() {
            return throttled;
        }

        int refused() {
            return refused;
        }

        /** Batches not acknowledged when the next was due. */
        int behind() {
            return behind;
        }

        /** Batches that the bench sent too late. */
        int sentLate() {
            return sentLate;
        }

        /** Batches that were never sent, those before them being late, or never answered. */
        int unfinished() {
            return unfinished;
        }
    }

    FleetMember(NativeSession session, EncodedBody body) {
        this.session = session;
        this.body = body;
    }

    /** Its next batch is due: sent now, or when the one before is acknowledged. */
    void turn(long dueAt, long interval) {
        if (isLost()) {
            count.unfinished++;
            return;
        }
        take(interval);
        boolean isFree = due.isEmpty();
        due.add(dueAt);
        try {
            if (isUnderWay && session.isClosed()) {
                throw new EOFException("the server has closed the connection");
            }
            if (isFree) {
                count.sentLate += System.nanoTime() - dueAt > LATE_NANOS ? 1 : 0;
                send();
            }
        } catch (IOException cut) {
            lose(cut.toString());
        }
    }

    /** Takes what has come, and sends what may be sent. @return whether it waits for anything still */
    boolean look(long interval) {
        if (isLost()) {
            return false;
        }
        take(interval);
        try {
            if (!isUnderWay && !due.isEmpty() && System.nanoTime() >= retryAt) {
                send();
            }
        } catch (IOException cut) {
            lose(cut.toString());
        }
        return !due.isEmpty();
    }

    /** What was refused is sent again, as collectors do. */
    private void take(long interval) {
        try {
            session.takeArrived();
            if (isUnderWay && session.unanswered() == 0) {
                isUnderWay = false;
                count.acknowledged++;
                count.behind += System.nanoTime() > due.remove() + interval ? 1 : 0;
            }
        } catch (NativeSession.Refused again) {
            isUnderWay = false;
            retryAt = System.nanoTime() + again.retryAfterMillis() * 1_000_000;
            count.refused++;
            refusal = again.getMessage();
        } catch (IOException cut) {
            lose(cut.toString());
        }
    }

    private void send() throws IOException {
        session.send(body);
        isUnderWay = true;
    }

    /** What is not on its way is never sent. */
    void giveUp() {
        while (due.size() > (isUnderWay ? 1 : 0)) {
            due.removeLast();
            count.unfinished++;
        }
    }

    void lose(String reason) {
        lost = reason;
        isUnderWay = false;
        giveUp();
    }

    /** Counts from here on. */
    Count recount() {
        var before = count;
        before.throttled = session.throttles() - throttlesBefore;
        throttlesBefore = session.throttles();
        count = new Count();
        return before;
    }

    boolean isLost() {
        return !lost.isEmpty();
    }

    /** The last thing that went wrong, or nothing. */
    String trouble() {
        return isLost() ? lost : refusal;
    }
}

package org.pganalytics.ingest.tcp;

import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Receipt;
import org.pganalytics.model.Standing;
import org.pganalytics.wire.Frame;

/** Writes a session's answers: one ACK for all that an event loop's turn has settled, refusals at once. */
final class Answers {
    private static final Duration SHUT_DEFAULT = Duration.ofSeconds(1);

    private final TcpConnection connection;
    private final int epoch;
    private final int window;
    private final Runnable written;
    private long mark;
    private int unwritten;
    private boolean scheduled;
    private long timer = -1;
    private long opensAtNanos;
    private boolean shut;
    private boolean over;

    /** @param written called after an ACK */
    Answers(TcpConnection connection, Standing standing, int window, Runnable written) {
        this.connection = connection;
        this.epoch = standing.epoch();
        this.mark = standing.mark();
        this.window = window;
        this.written = written;
    }

    /** The last settled number that this session knows of. */
    long mark() {
        return mark;
    }

    /** Batches whose ACK is due but not yet written. */
    int unwritten() {
        return unwritten;
    }

    void settled(Receipt receipt) {
        mark = Math.max(mark, receipt.mark());
        receipt.refusal().ifPresent(why -> refuse(receipt.number().sequence(), mark + 1, why));
        again();
    }

    /** Acknowledges, once this turn of the event loop is over, whatever is settled by then. */
    void again() {
        unwritten++;
        if (!scheduled) {
            scheduled = true;
            connection.context().runOnContext(turn -> acknowledge());
        }
    }

    private void acknowledge() {
        scheduled = false;
        unwritten = 0;
        if (!over) {
            connection.send(new Frame.Ack(epoch, mark, windowNow()));
            written.run();
        }
    }

    void refuse(long sequence, long expected, FaultException why) {
        long wait = why.retryAfter().map(Duration::toMillis).orElse(0L);
        connection.send(new Frame.Nack(epoch, sequence, why.fault(), wait, expected, TcpConnection.detail(why)));
        if (holdsBack(why)) {
            shut(why.retryAfter().orElse(SHUT_DEFAULT));
            timer = connection.vertx().setTimer(Math.max(1, untilWindowOpens().toMillis()), due -> open());
        }
    }

    /** A gap is mended at once; what has no room now is to wait. */
    private static boolean holdsBack(FaultException why) {
        boolean beyondTheWindow =
                why.fault() == Fault.OVERLOADED && why.retryAfter().isEmpty();
        return why.fault().retryable() && why.fault() != Fault.POSITION_GAP && !beyondTheWindow;
    }

    /** Tells the sender to send nothing for so long. */
    void shut(Duration time) {
        connection.vertx().cancelTimer(timer);
        shut = true;
        opensAtNanos = System.nanoTime() + time.toNanos();
        connection.send(new Frame.Throttle(0, time.toMillis()));
    }

    private void open() {
        shut = false;
        if (!over) {
            connection.send(new Frame.Throttle(window, 0));
        }
    }

    boolean windowIsShut() {
        return shut;
    }

    Duration untilWindowOpens() {
        return Duration.ofNanos(Math.max(1_000_000, opensAtNanos - System.nanoTime()));
    }

    private int windowNow() {
        return shut ? 0 : window;
    }

    void close() {
        over = true;
        connection.vertx().cancelTimer(timer);
    }
}

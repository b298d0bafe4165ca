package org.pganalytics.collector;

import io.vertx.core.Vertx;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.pganalytics.wire.Frame;

/** Asks for the server's configuration over one connection: at first, when told to, and now and then. */
final class TcpPull {
    private static final long WAIT_MILLIS_MAX = 600_000;

    private final Vertx vertx;
    private final ServedConfig served;
    private final Consumer<Frame> write;
    private boolean owed;
    private boolean again;
    private boolean closed;
    private long timer = -1;

    TcpPull(Vertx vertx, ServedConfig served, Consumer<Frame> write) {
        this.vertx = vertx;
        this.served = served;
        this.write = write;
    }

    void begin() {
        ask();
        timer = vertx.setPeriodic(served.config().serverConfigEvery().toMillis(), tick -> {
            // A server that cannot answer now leaves the answer out.
            owed = false;
            ask();
        });
    }

    private void ask() {
        if (closed) {
            return;
        }
        if (owed) {
            again = true;
            return;
        }
        owed = true;
        var report = served.report();
        write.accept(new Frame.ConfigRequest(report.running(), report.refused(), report.note(), report.labels()));
    }

    void answered(Frame.Config answer) {
        served.offered(answer.tag(), answer.document()).onComplete(taken -> {
            owed = false;
            if (again || taken.succeeded() && taken.result()) {
                again = false;
                ask();
            }
        });
    }

    void changed(Frame.ConfigChanged hint) {
        long within = Math.min(WAIT_MILLIS_MAX, hint.withinMillis());
        vertx.setTimer(1 + ThreadLocalRandom.current().nextLong(within + 1), due -> ask());
    }

    void close() {
        closed = true;
        vertx.cancelTimer(timer);
    }
}

package org.pganalytics.ingest.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.InFlightBytes;

/** What one request holds of the server's bytes in flight, until it is answered. Safe from any thread. */
public final class Hold {
    private final InFlightBytes server;
    private final AtomicLong held = new AtomicLong();

    public Hold(InFlightBytes server) {
        this.server = server;
    }

    public boolean more(long bytes) {
        if (!server.reserve(bytes)) {
            return false;
        }
        held.addAndGet(bytes);
        return true;
    }

    /** Lets go of a part of what it holds. */
    public void less(long bytes) {
        held.addAndGet(-bytes);
        server.release(bytes);
    }

    public void letGo() {
        server.release(held.getAndSet(0));
    }

    public static FaultException full() {
        return Fault.OVERLOADED
                .because("the server holds as many bytes as it may")
                .retryAfter(Duration.ofSeconds(1));
    }
}

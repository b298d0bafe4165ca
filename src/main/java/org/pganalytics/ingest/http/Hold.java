package org.pganalytics.ingest.http;

import java.util.concurrent.atomic.AtomicLong;
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

    /** What one is told who found no room for so many bytes. */
    public FaultException full(long bytes) {
        return server.full(bytes);
    }
}

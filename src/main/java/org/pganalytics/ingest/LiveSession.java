package org.pganalytics.ingest;

import java.time.Duration;
import org.pganalytics.fault.FaultException;

/** A collector's turn at one of the doors of this server. */
public interface LiveSession {
    /** Ends it soon, on its own thread, and tells the collector why; safe from any thread, and more than once. */
    void end(FaultException why);

    /** Tells the collector, if it can be told, to ask for its configuration within this time; safe from any thread. */
    default void configChanged(Duration within) {}
}

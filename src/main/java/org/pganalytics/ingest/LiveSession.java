package org.pganalytics.ingest;

import org.pganalytics.fault.FaultException;

/** A collector's turn at one of the doors of this server. */
public interface LiveSession {
    /** Ends it soon, on its own thread, and tells the collector why; safe from any thread, and more than once. */
    void end(FaultException why);
}

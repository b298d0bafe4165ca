package org.pganalytics.ingest;

import java.time.Duration;
import org.pganalytics.fault.FaultException;

/** A collector's turn at one of the doors of this server. */
public interface LiveSession {
    /** Ends it soon, on its own thread, and tells the collector why; safe from any thread, and more than once. */
    void end(FaultException why);

    /** Whether the collector holds a connection, which it could have to another server as well. */
    default boolean isHeld() {
        return false;
    }

    /** Lets the collector go to another server once what is under way is answered; safe from any thread. */
    default void letGo() {}

    /** Tells the collector, if it can be told, to ask for its configuration within this time; safe from any thread. */
    default void configChanged(Duration within) {}
}

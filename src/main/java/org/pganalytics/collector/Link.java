package org.pganalytics.collector;

import io.vertx.core.Future;

/** One connection to one server, from sign-in to its end; used once. */
public interface Link {
    /** Where it goes, for people: {@code tcp://host:port}. */
    String address();

    /** Connects and sends until the connection ends; never fails. To be called on an event loop, which it stays on. */
    Future<LinkEnd> run();

    /** Ends the connection; {@link #run} completes. */
    void close();
}

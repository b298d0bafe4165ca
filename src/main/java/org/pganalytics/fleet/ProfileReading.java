package org.pganalytics.fleet;

import io.vertx.core.Future;

/** How a profile is read and checked: by what reads the collectors' own configuration. */
@FunctionalInterface
public interface ProfileReading {
    /**
     * Returns the document as collectors get it: JSON, at most 64,000 bytes. Fails with a message that says everything that
     * is wrong with the document.
     */
    Future<String> handedOut(String document);
}

package org.pganalytics.fleet;

import io.vertx.core.Future;
import java.util.UUID;

/** Where the doors take collectors' questions for their configuration. Failures are faults; safe from any thread. */
public interface ConfigDesk {
    /** Keeps what the collector reports. */
    Future<Void> report(UUID collector, ConfigReport report);

    /** What it is to run. @param has tags of the documents that need not be given again */
    Future<Handout> handout(UUID collector, java.util.Set<String> has);
}

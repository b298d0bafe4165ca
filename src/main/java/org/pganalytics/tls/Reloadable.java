package org.pganalytics.tls;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** Something that was read from files, and is read again while it is in use. */
interface Reloadable {
    /** For people and metrics. */
    String name();

    /** What is in use, for people. */
    String inUse();

    Instant expiresAt();

    /**
     * Blocking. Empty when the files say what is in use already.
     *
     * @return takes what was read into use
     * @throws IllegalArgumentException saying what is wrong with them: what is in use stays so
     */
    Optional<Supplier<Future<Void>>> read();
}

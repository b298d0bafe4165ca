package org.pganalytics.audit.chain;

import java.util.Optional;

/** Whether one event is as it was written. */
final class EventCheck {
    static final String UNPROVEN =
            "it has no hmac: forged, or written by a server without keys (--unproven-until accepts those)";

    private EventCheck() {}

    /** What is wrong with a proven event, or empty. */
    static Optional<String> problem(ProvenEvent event, AuditKeys keys, SeenNumbers seen) {
        if (!keys.hmacs().isEmpty()) {
            if (!keys.knows(event.keyId())) {
                return Optional.of("its key %s is not in the file of keys".formatted(event.keyId()));
            }
            if (!keys.proves(event)) {
                return Optional.of("it is not what was written: its hmac does not fit");
            }
        }
        return seen.add(event.writer(), event.number())
                ? Optional.empty()
                : Optional.of("it repeats an event that is there already");
    }
}

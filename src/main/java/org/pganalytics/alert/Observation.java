package org.pganalytics.alert;

import java.time.Instant;
import org.pganalytics.audit.SafeText;

/** That a rule's condition held. @param first when it was first seen @param last when it was last seen */
record Observation(Rule rule, String subject, String message, Instant first, Instant last) {
    private static final int MESSAGE_LENGTH_MAX = 500;

    /** What makes two observations the same alert. */
    record Key(Rule rule, String subject) {}

    Observation {
        message = SafeText.of(message, MESSAGE_LENGTH_MAX);
    }

    Key key() {
        return new Key(rule, subject);
    }

    /** The same alert over both times, with what was said last. */
    Observation and(Observation other) {
        var later = other.last.isAfter(last) ? other : this;
        return new Observation(
                rule, subject, later.message, first.isBefore(other.first) ? first : other.first, later.last);
    }
}

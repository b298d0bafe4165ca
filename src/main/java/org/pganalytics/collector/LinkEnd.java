package org.pganalytics.collector;

import java.time.Duration;
import java.util.Optional;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * How a connection came to its end.
 *
 * @param fault what the server said, or what we found in what it said; empty when the network ended it
 * @param retryAfter how long the server asks to be left alone; zero when it does not
 * @param welcomed whether a session was open
 * @param last whether trying again is useless until a person acts
 */
public record LinkEnd(Optional<Fault> fault, String detail, Duration retryAfter, boolean welcomed, boolean last) {

    public static LinkEnd cut(String detail, boolean welcomed) {
        return new LinkEnd(Optional.empty(), detail, Duration.ZERO, welcomed, false);
    }

    public static LinkEnd refused(Fault fault, String detail, Duration retryAfter, boolean welcomed) {
        boolean last = fault == Fault.REVOKED || fault == Fault.POSITION_CONFLICT;
        return new LinkEnd(Optional.of(fault), fault + ": " + detail, retryAfter, welcomed, last);
    }

    public static LinkEnd of(Throwable failure, boolean welcomed) {
        return failure instanceof FaultException known
                ? refused(known.fault(), known.detail(), known.retryAfter().orElse(Duration.ZERO), welcomed)
                : cut(FailureText.of(failure), welcomed);
    }

    /** The same end, and trying again is useless. */
    public LinkEnd forGood(String advice) {
        return new LinkEnd(fault, detail + "; " + advice, retryAfter, welcomed, true);
    }
}

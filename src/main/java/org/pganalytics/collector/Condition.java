package org.pganalytics.collector;

import io.vertx.pgclient.PgException;
import java.util.Locale;
import java.util.Set;

/**
 * How it went the last time a family was read at a target.
 *
 * @param sqlState of PostgreSQL's refusal; empty when there was none
 * @param message for people; empty when all is well
 */
record Condition(State state, String sqlState, String message) {
    static final Condition OK = new Condition(State.OK, "", "");

    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    /** Table, function, column, object. */
    private static final Set<String> UNDEFINED = Set.of("42P01", "42883", "42703", "42704");

    private static final int MESSAGE_LENGTH_MAX = 1_000;

    /** Names are data: stored, and asked for by people. */
    enum State {
        OK,
        /** The role may not read it, as on many managed services. */
        DENIED,
        /** The view, the function or the extension is not there. */
        MISSING,
        /** The declaration has nothing for this version. */
        UNSUPPORTED,
        /** The target itself cannot be reached: its families wait until it can. */
        AWAY,
        /** Anything else: it is tried again soon. */
        FAILING;

        String spelled() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A refusal of our own, of which we know the state. */
    static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final State state;

        Unreadable(State state, String message) {
            super(message, null, false, false);
            this.state = state;
        }
    }

    static Condition of(Throwable failure) {
        var message = String.valueOf(failure.getMessage());
        var shown = message.substring(0, Math.min(message.length(), MESSAGE_LENGTH_MAX));
        if (failure instanceof TargetAway) {
            return new Condition(State.AWAY, "", shown);
        }
        if (failure instanceof Unreadable known) {
            return new Condition(known.state, "", shown);
        }
        var sqlState =
                failure instanceof PgException refused && refused.getSqlState() != null ? refused.getSqlState() : "";
        return new Condition(state(sqlState), sqlState, shown);
    }

    private static State state(String sqlState) {
        if (sqlState.equals(INSUFFICIENT_PRIVILEGE)) {
            return State.DENIED;
        }
        return UNDEFINED.contains(sqlState) ? State.MISSING : State.FAILING;
    }

    /** Whether only a person's act will change it: a grant, an upgrade, an extension. */
    boolean lasts() {
        return state == State.DENIED || state == State.MISSING || state == State.UNSUPPORTED;
    }
}

package org.pganalytics.collector;

import java.util.UUID;

/**
 * What lets a collector in, as a server gave it.
 *
 * @param obtainedAtMillis the collector's own clock when it was given, ms since 1970: lifetimes are relative, so that
 *     two clocks need not agree
 * @param lifetimeMillis of the token; 0 for a token that a server has refused
 */
public record Grant(UUID collector, String token, String refreshSecret, long obtainedAtMillis, long lifetimeMillis) {

    /** Whether the token is past its life, or the clock stands before the day it was given. */
    public boolean isOver(long nowMillis) {
        return nowMillis - obtainedAtMillis >= lifetimeMillis || nowMillis < obtainedAtMillis;
    }

    /** When to renew within a session: at two thirds of the token's life. */
    public long renewAtMillis() {
        return obtainedAtMillis + lifetimeMillis / 3 * 2;
    }

    /** The same grant, its token to be renewed before its next use. */
    public Grant spent() {
        return new Grant(collector, token, refreshSecret, obtainedAtMillis, 0);
    }

    /** Names no secret: a grant may end up in a log. */
    @Override
    public String toString() {
        return "Grant[" + collector + "]";
    }
}

package org.pganalytics.http;

import io.netty.channel.Channel;

/**
 * Asked for each connection that a listener accepts, before its first byte and before its TLS handshake: one that says
 * nothing counts, too. On any event loop.
 */
public interface Entrance {
    /** Whether it may come in; {@code left} is told when one that may is closed. */
    boolean enters(String address);

    void left(String address);

    /** Whether it is one that speaks for many others. */
    default boolean isBalancer(String address) {
        return false;
    }

    /** Put before everything else on a connection that has entered, while it is on no event loop yet. */
    default void guard(Channel connection, String address) {}
}

package org.pganalytics.collector;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;

/**
 * What is read at a target.
 *
 * @param kind what answers there; default postgresql
 * @param onThisHost whether it is on the machine of the agent, which is then watched too; default auto
 */
public record TargetSourcesConfig(Kind kind, OnThisHost onThisHost) {
    /** A PostgreSQL on another machine. */
    public static final TargetSourcesConfig POSTGRESQL = new TargetSourcesConfig(Kind.POSTGRESQL, OnThisHost.NO);

    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "ip6-localhost");

    /** What answers at a target's port. */
    public enum Kind {
        POSTGRESQL,
        PGBOUNCER
    }

    /** How it is known whether a target is on the agent's machine. */
    public enum OnThisHost {
        /** It is when its host is a loopback address. */
        AUTO,
        YES,
        NO
    }

    boolean isOnThisHost(String host) {
        return onThisHost == OnThisHost.YES || onThisHost == OnThisHost.AUTO && isLoopback(host);
    }

    /** Asks no name server: a name is no loopback address, but the usual ones. */
    private static boolean isLoopback(String host) {
        if (LOOPBACK_NAMES.contains(host)) {
            return true;
        }
        boolean literal = host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || host.contains(":");
        try {
            return literal && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException misspelled) {
            return false;
        }
    }
}

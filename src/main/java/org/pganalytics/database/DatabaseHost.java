package org.pganalytics.database;

/** Where one of a database's servers listens. @param host a name or an address, an IPv6 one without brackets */
public record DatabaseHost(String host, int port) {

    /** As in a URL. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}

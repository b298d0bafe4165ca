package org.pganalytics.collector;

import org.pganalytics.fault.Limit;

/**
 * A server to send to. TCP is tried first, then HTTP, then the next server.
 *
 * @param host name or address
 * @param tcpPort of the native protocol, 0 to 65,535, 0 for none; default 7431
 * @param httpPort likewise of HTTP; default 8080; at least one of the two is set
 * @param tls whether both are spoken over TLS; default false, for a server on the same machine
 * @param certificates path of the PEM file with the authorities to trust; empty: those of the JVM
 * @param verifyHost whether the certificate must name the host; default true
 */
public record ServerConfig(
        String host, int tcpPort, int httpPort, boolean tls, String certificates, boolean verifyHost) {
    public ServerConfig {
        Limit.filled("servers.host", host);
        Limit.between("servers.tcp-port", tcpPort, 0, 65_535);
        Limit.between("servers.http-port", httpPort, 0, 65_535);
        if (tcpPort == 0 && httpPort == 0) {
            throw new IllegalArgumentException("servers: %s has neither tcp-port nor http-port".formatted(host));
        }
    }
}

package org.pganalytics.http;

/**
 * Where a request comes from.
 *
 * @param address of the client, also behind a trusted balancer
 * @param agent what the client calls itself; empty when it does not
 * @param session what the browser's cookie of a session holds; empty without
 */
public record Origin(String address, String agent, String session) {
    /** Never the session. */
    @Override
    public String toString() {
        return "Origin[address=%s, agent=%s]".formatted(address, agent);
    }
}

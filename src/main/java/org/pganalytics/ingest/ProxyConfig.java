package org.pganalytics.ingest;

import java.time.Duration;
import java.util.List;
import org.pganalytics.fault.Limit;
import org.pganalytics.tls.Networks;

/**
 * Which balancers say with the PROXY protocol whom a connection comes from.
 *
 * @param addresses networks (CIDR or a single address) of balancers whose every connection begins with such a header;
 *     nobody else may send one; default empty: nobody does
 * @param textHeader whether version 1 of the protocol, a line of text, is taken besides version 2: Debian's nginx sends no
 *     other; default false
 * @param headerTime longest a header may take to arrive, 100 ms to 1 min; default 5 s
 */
public record ProxyConfig(List<String> addresses, boolean textHeader, Duration headerTime) {
    public ProxyConfig {
        addresses = List.copyOf(addresses);
        Networks.of("proxy-protocol.addresses", addresses);
        Limit.between("proxy-protocol.header-time", headerTime, Duration.ofMillis(100), Duration.ofMinutes(1));
    }

    /** Connections come from whom they come from. */
    public static ProxyConfig off() {
        return new ProxyConfig(List.of(), false, Duration.ofSeconds(5));
    }

    public boolean isOff() {
        return addresses.isEmpty();
    }
}

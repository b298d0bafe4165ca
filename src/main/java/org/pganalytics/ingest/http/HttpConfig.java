package org.pganalytics.ingest.http;

import java.time.Duration;
import java.util.List;
import org.pganalytics.fault.Limit;
import org.pganalytics.tls.Networks;

/**
 * Limits of the HTTP door.
 *
 * @param host to listen on; default 127.0.0.1
 * @param port 0 to 65535, 0 lets the system choose; default 8080
 * @param connectionsMax open at once; 1 to 1,000,000, default 10,000
 * @param connectionsPerAddressMax open at once from one address; 1 to 1,000,000, default 100
 * @param trustedAddresses networks that the limit per address does not count; default 127.0.0.0/8 and ::1
 * @param bodyBytesMax most bytes of a pushed body as it comes; 4 KiB to 256 MiB, default 64 MiB; it and
 *     ingest.uncompressed-bytes-max together at most ingest.in-flight-bytes-max
 * @param headerBytesMax most bytes of a request's headers; 1 KiB to 64 KiB, default 16 KiB
 * @param idleTime longest a connection may be without a complete request head; 1 s to 1 h, default 60 s
 * @param bodyTime longest a body may take to arrive; 100 ms to 1 h, default 2 min
 * @param streamsMax requests that one HTTP/2 connection may have open; 1 to 10,000, default 100
 * @param drainTime longest that going down waits for requests under way; 0 to 5 min, default 10 s
 */
public record HttpConfig(
        String host,
        int port,
        int connectionsMax,
        int connectionsPerAddressMax,
        List<String> trustedAddresses,
        int bodyBytesMax,
        int headerBytesMax,
        Duration idleTime,
        Duration bodyTime,
        int streamsMax,
        Duration drainTime) {

    public HttpConfig {
        trustedAddresses = List.copyOf(trustedAddresses);
        Limit.listening("http.host", host);
        Limit.between("http.port", port, 0, 65_535);
        Limit.between("http.connections-max", connectionsMax, 1, 1_000_000);
        Limit.between("http.connections-per-address-max", connectionsPerAddressMax, 1, 1_000_000);
        Networks.of("http.trusted-addresses", trustedAddresses);
        Limit.between("http.body-bytes-max", bodyBytesMax, 4 << 10, 256 << 20);
        Limit.between("http.header-bytes-max", headerBytesMax, 1 << 10, 64 << 10);
        Limit.between("http.idle-time", idleTime, Duration.ofSeconds(1), Duration.ofHours(1));
        Limit.between("http.body-time", bodyTime, Duration.ofMillis(100), Duration.ofHours(1));
        Limit.between("http.streams-max", streamsMax, 1, 10_000);
        Limit.between("http.drain-time", drainTime, Duration.ZERO, Duration.ofMinutes(5));
    }
}

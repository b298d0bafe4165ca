package org.pganalytics.ingest.tcp;

import java.time.Duration;
import java.util.List;
import org.pganalytics.fault.Limit;
import org.pganalytics.tls.Networks;

/**
 * Limits of the TCP door.
 *
 * @param host to listen on; default 127.0.0.1
 * @param port 0 to 65535, 0 lets the system choose; default 7431
 * @param connectionsMax open at once; 1 to 1,000,000, default 10,000
 * @param connectionsPerAddressMax open at once from one address; 1 to 1,000,000, default 100
 * @param trustedAddresses networks that the limit per address does not count; default 127.0.0.0/8 and ::1
 * @param handshakeTime from the connection to WELCOME at most; 100 ms to 5 min, default 10 s
 * @param idleTime silence (or an unfinished frame) after which a connection is closed; a PING goes out at half of it; 1 s
 *     to 1 h, default 60 s
 * @param window batches of one session that may be unanswered; 1 to 16,384, default 16 (the ledger's ring of digests
 *     is to hold twice as many)
 * @param schemasMax schemas a connection may declare; 1 to 1,024, default 256
 * @param writeQueueBytesMax answers a peer may leave unread; beyond it the connection is closed; 4 KiB to 16 MiB, default
 *     64 KiB
 * @param drainTime longest that going down waits for batches under way; 0 to 5 min, default 10 s
 */
public record TcpConfig(
        String host,
        int port,
        int connectionsMax,
        int connectionsPerAddressMax,
        List<String> trustedAddresses,
        Duration handshakeTime,
        Duration idleTime,
        int window,
        int schemasMax,
        int writeQueueBytesMax,
        Duration drainTime) {

    public TcpConfig {
        trustedAddresses = List.copyOf(trustedAddresses);
        Limit.listening("tcp.host", host);
        Limit.between("tcp.port", port, 0, 65_535);
        Limit.between("tcp.connections-max", connectionsMax, 1, 1_000_000);
        Limit.between("tcp.connections-per-address-max", connectionsPerAddressMax, 1, 1_000_000);
        Networks.of("tcp.trusted-addresses", trustedAddresses);
        Limit.between("tcp.handshake-time", handshakeTime, Duration.ofMillis(100), Duration.ofMinutes(5));
        Limit.between("tcp.idle-time", idleTime, Duration.ofSeconds(1), Duration.ofHours(1));
        Limit.between("tcp.window", window, 1, 16_384);
        Limit.between("tcp.schemas-max", schemasMax, 1, 1_024);
        Limit.between("tcp.write-queue-bytes-max", writeQueueBytesMax, 4 << 10, 16 << 20);
        Limit.between("tcp.drain-time", drainTime, Duration.ZERO, Duration.ofMinutes(5));
    }
}

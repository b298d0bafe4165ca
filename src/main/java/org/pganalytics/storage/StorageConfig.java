package org.pganalytics.storage;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How batches are gathered, written and set aside.
 *
 * @param lanes transactions under way at once; 1 to 32; default 2
 * @param linger longest a batch waits for company, less the less of it comes; 0 to 1 s; default 10 ms
 * @param rowsMax a group is closed when it has this many rows; 1 to 1,000,000; default 20,000
 * @param bytesMax a group is closed when it has this many bytes in memory; 64 KiB to 256 MiB; default 16 MiB
 * @param queueBytesMax most bytes in memory that wait or are being written, over all lanes; beyond it batches are refused
 *     as OVERLOADED; 1 MiB to 16 GiB; default 128 MiB
 * @param digestRing digests kept an epoch to tell a duplicate from a conflict; 2 to 1,024, at least twice the window of
 *     batches in flight; default 32
 * @param lease how long a session holds its epoch without being renewed; 1 s to 1 h; default 30 s
 * @param copy rows go by COPY; else by INSERT, slower; default true
 * @param statementTimeout longest a single statement may take; 100 ms to 10 min; default 15 s
 * @param transactionTimeout longest a group's transaction may take before its connection is cut, the group being given up
 *     after twice as long in all; at least statementTimeout, at most 1 h; default 30 s
 * @param lockWait longest a batch waits for a ledger row that another transaction holds; 100 ms to 10 min; default 10 s
 * @param holderLimit a transaction that holds ledger rows and waits on its client for longer is terminated; 1 s to 10 min;
 *     default 5 s
 * @param probeEvery between two looks at the database's health; 100 ms to 1 min; default 1 s
 * @param clockAhead rows from further in the future are quarantined; 1 s to 1 d; default 10 min
 * @param quarantineBytesMax most bytes of bodies in the quarantine; beyond it only headers are kept; 0 to 1 TiB; default
 *     256 MiB
 * @param quarantineKeep how long a quarantined batch and a declared loss are kept; 1 h to 3,650 d; default 30 d
 */
public record StorageConfig(
        int lanes,
        Duration linger,
        int rowsMax,
        int bytesMax,
        long queueBytesMax,
        int digestRing,
        Duration lease,
        boolean copy,
        Duration statementTimeout,
        Duration transactionTimeout,
        Duration lockWait,
        Duration holderLimit,
        Duration probeEvery,
        Duration clockAhead,
        long quarantineBytesMax,
        Duration quarantineKeep) {

    public StorageConfig {
        Limit.between("storage.lanes", lanes, 1, 32);
        Limit.between("storage.linger", linger, Duration.ZERO, Duration.ofSeconds(1));
        Limit.between("storage.rows-max", rowsMax, 1, 1_000_000);
        Limit.between("storage.bytes-max", bytesMax, 64L << 10, 256L << 20);
        Limit.between("storage.queue-bytes-max", queueBytesMax, 1L << 20, 16L << 30);
        Limit.between("storage.digest-ring", digestRing, 2, 1_024);
        Limit.between("storage.lease", lease, Duration.ofSeconds(1), Duration.ofHours(1));
        Limit.between("storage.statement-timeout", statementTimeout, Duration.ofMillis(100), Duration.ofMinutes(10));
        Limit.between("storage.transaction-timeout", transactionTimeout, statementTimeout, Duration.ofHours(1));
        Limit.between("storage.lock-wait", lockWait, Duration.ofMillis(100), Duration.ofMinutes(10));
        Limit.between("storage.holder-limit", holderLimit, Duration.ofSeconds(1), Duration.ofMinutes(10));
        Limit.between("storage.probe-every", probeEvery, Duration.ofMillis(100), Duration.ofMinutes(1));
        Limit.between("storage.clock-ahead", clockAhead, Duration.ofSeconds(1), Duration.ofDays(1));
        Limit.between("storage.quarantine-bytes-max", quarantineBytesMax, 0, 1L << 40);
        Limit.between("storage.quarantine-keep", quarantineKeep, Duration.ofHours(1), Duration.ofDays(3_650));
    }

    /** Longest a group may be under way in all: waiting for a connection, and being written. */
    Duration groupTimeout() {
        return transactionTimeout.multipliedBy(2);
    }

    /** The defaults, as in reference.conf. */
    public static StorageConfig defaults() {
        return new StorageConfig(
                2,
                Duration.ofMillis(10),
                20_000,
                16 << 20,
                128L << 20,
                32,
                Duration.ofSeconds(30),
                true,
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMinutes(10),
                256L << 20,
                Duration.ofDays(30));
    }
}

package org.pganalytics.bus;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.fault.Fault;

/** Something that has happened; immutable, past tense, complete in itself. */
public sealed interface Event {
    /** A batch was committed; its rows can be read. @param ackMicros from its arrival to the commit */
    record BatchStored(UUID collector, int rows, int bytes, Map<String, Integer> rowsByFamily, long ackMicros)
            implements Event {}

    /** A batch that was settled before came again. @param verified whether its digest was still kept and equal */
    record BatchDuplicated(UUID collector, boolean verified) implements Event {}

    /** A batch was refused; when {@code fault.settles()}, it is in the quarantine. @param rows 0 when nobody read it */
    record BatchRefused(UUID collector, Fault fault, String detail, int rows) implements Event {}

    /** A collector declared rows or batches that it dropped; committed. */
    record LossDeclared(UUID collector, String family, String reason, long batches, long rows) implements Event {}

    /**
     * Rows of series that are too many were folded; committed.
     *
     * @param unfollowed of these, those whose counters add nothing to the row they are folded into
     * @param limit the setting that was met, and how far the collector is, for people
     * @param firstToday of this collector and family
     */
    record RowsFolded(UUID collector, String family, int rows, int unfollowed, String limit, boolean firstToday)
            implements Event {}

    /** @param address the peer's IP address; @param transport tcp or http */
    record SessionOpened(UUID collector, UUID session, String address, String transport) implements Event {}

    /** @param fault why the server closed it, or null when the collector left */
    record SessionClosed(UUID collector, UUID session, Fault fault) implements Event {}

    /** A push of a version 3 collector, which has no session, was answered. */
    record PushTaken(UUID collector) implements Event {}

    /** A version 3 collector was refused what it will not send again. @param address the peer's IP address */
    record PushLost(String address, Fault fault) implements Event {}

    record CollectorRegistered(UUID collector, String name, String address) implements Event {}

    /** A collector was given a certificate. @param serial in hexadecimal digits */
    record CollectorCertified(UUID collector, String serial, Instant expiresAt, String address) implements Event {}

    /** A collector's token came without a certificate of its own: with another's, perhaps, so it may be stolen. */
    record CertificateRefused(UUID collector, String address, Fault fault, String detail) implements Event {}

    record CollectorRevoked(UUID collector, int generation) implements Event {}

    /** API tokens, or what their owners may do, changed somewhere; or a notice of that may have been missed. */
    record TokensChanged() implements Event {}

    /** A connection or request was refused before anybody knew who it was. */
    record StrangerRefused(String address, Fault fault) implements Event {}

    /** The database stopped or began to take batches. */
    record StoreStateChanged(boolean up, String detail) implements Event {}

    /** Redis can be used again, or not any more. @param detail why not; else empty */
    record RedisStateChanged(boolean up, String detail) implements Event {}
}

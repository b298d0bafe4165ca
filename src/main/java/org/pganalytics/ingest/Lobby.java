package org.pganalytics.ingest;

import java.util.function.LongSupplier;

/**
 * What the doors of this server share among themselves; all of it is safe between event loops.
 *
 * @param limits of all doors
 * @param bytes in flight
 * @param sessions at most one a collector
 * @param decoder of bodies
 * @param refusals to the log
 * @param nanoClock monotonic time in nanoseconds
 */
public record Lobby(
        IngestConfig limits,
        InFlightBytes bytes,
        LiveSessions sessions,
        BodyDecoder decoder,
        RefusalLog refusals,
        LongSupplier nanoClock) {}

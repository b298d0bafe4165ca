package org.pganalytics.collector.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.pganalytics.fault.Fault;

/**
 * What the simulated fleet does.
 *
 * @param host of the server
 * @param port of the server, for the mode: TCP or HTTP; 1 to 65535
 * @param mode how batches travel
 * @param registrationSecret lets the collectors in
 * @param collectors how many, 1 to 100,000; default 10
 * @param targets watched by each, 1 to 1,000; default 1
 * @param interval between two observations of a target, 10 ms to 1 h; default 10 s
 * @param duration how long observations are made, 1 ms to 7 days; default 60 s
 * @param settleMax how long the last batches may wait for their ack after that, 0 to 1 h; default 60 s
 * @param unsettledBatchesMax most batches of a collector waiting for their ack, 1 to 100,000; beyond it observations are
 *     skipped; default 128
 * @param unsettledBytesMax likewise the bytes of all collectors, 1 MiB and more; default 256 MiB
 * @param gapsOver longer times between two acks of a collector are listed in the report, 1 ms and more; default 1 h
 * @param seed of the generated rows; any
 * @param journalDir where the journal goes, made when missing
 * @param verify whether the database is compared afterwards
 * @param database where; may be null without {@code verify}
 */
public record LoadConfig(
        String host,
        int port,
        Mode mode,
        String registrationSecret,
        int collectors,
        int targets,
        Duration interval,
        Duration duration,
        Duration settleMax,
        int unsettledBatchesMax,
        long unsettledBytesMax,
        Duration gapsOver,
        long seed,
        Path journalDir,
        boolean verify,
        LoadDatabase database) {

    /** How batches travel. */
    public enum Mode {
        /** Native frames. */
        TCP,
        /** The native media type over HTTP/2, with prior knowledge. */
        HTTP2,
        /** Native JSON over HTTP/1.1. */
        JSON;

        /** @throws org.pganalytics.fault.FaultException naming the modes there are */
        public static Mode of(String name) {
            return Arrays.stream(values())
                    .filter(mode -> mode.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> Fault.BAD_REQUEST.because("--mode %s must be one of %s"
                            .formatted(
                                    name,
                                    Arrays.stream(values())
                                            .map(mode -> mode.name().toLowerCase(Locale.ROOT))
                                            .collect(Collectors.joining(", ")))));
        }
    }

    private static final int PORT_MAX = 65_535;
    private static final long BYTES_MIN = 1 << 20;

    public LoadConfig {
        between("port", port, 1, PORT_MAX);
        between("collectors", collectors, 1, 100_000);
        between("targets", targets, 1, 1_000);
        between("interval (ms)", interval.toMillis(), 10, Duration.ofHours(1).toMillis());
        between("duration (ms)", duration.toMillis(), 1, Duration.ofDays(7).toMillis());
        between("settle-max (ms)", settleMax.toMillis(), 0, Duration.ofHours(1).toMillis());
        between("unsettled-batches-max", unsettledBatchesMax, 1, 100_000);
        between("gaps-over (ms)", gapsOver.toMillis(), 1, Long.MAX_VALUE);
        between("unsettled-bytes-max", unsettledBytesMax, BYTES_MIN, Long.MAX_VALUE);
        if (verify && database == null) {
            throw Fault.BAD_REQUEST.because("--verify needs the database: say --database-url");
        }
    }

    private static void between(String what, long found, long min, long max) {
        if (found < min || found > max) {
            throw Fault.BAD_REQUEST.because("%s = %d must be between %d and %d".formatted(what, found, min, max));
        }
    }

    /** A run with the default limits, that is not verified. */
    public static LoadConfig of(String host, int port, Mode mode, String registrationSecret, Path journalDir) {
        return new LoadConfig(
                host,
                port,
                mode,
                registrationSecret,
                10,
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                128,
                256L << 20,
                Duration.ofHours(1),
                System.nanoTime(),
                journalDir,
                false,
                null);
    }

    public LoadConfig withFleet(int newCollectors, int newTargets, Duration newInterval, Duration newDuration) {
        return new LoadConfig(
                host,
                port,
                mode,
                registrationSecret,
                newCollectors,
                newTargets,
                newInterval,
                newDuration,
                settleMax,
                unsettledBatchesMax,
                unsettledBytesMax,
                gapsOver,
                seed,
                journalDir,
                verify,
                database);
    }

    public LoadConfig listingGapsOver(Duration newGapsOver) {
        return new LoadConfig(
                host,
                port,
                mode,
                registrationSecret,
                collectors,
                targets,
                interval,
                duration,
                settleMax,
                unsettledBatchesMax,
                unsettledBytesMax,
                newGapsOver,
                seed,
                journalDir,
                verify,
                database);
    }

    public LoadConfig verifiedBy(LoadDatabase where) {
        return new LoadConfig(
                host,
                port,
                mode,
                registrationSecret,
                collectors,
                targets,
                interval,
                duration,
                settleMax,
                unsettledBatchesMax,
                unsettledBytesMax,
                gapsOver,
                seed,
                journalDir,
                true,
                where);
    }

    LoadLimits limits() {
        return new LoadLimits(unsettledBatchesMax, unsettledBytesMax);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "%s://%s:%d, %d collectors of %d targets, every %s for %s"
                .formatted(mode.name().toLowerCase(Locale.ROOT), host, port, collectors, targets, interval, duration);
    }
}

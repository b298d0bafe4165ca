package org.pganalytics.ingest;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what is refused, once a minute and sender: a fleet that is refused must not fill the disk. Thread-safe. */
public final class RefusalLog {
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int SENDERS_MAX = 10_000;

    private final LongSupplier nanoClock;
    private final Map<String, Long> saidAt = new ConcurrentHashMap<>();

    public RefusalLog(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** @param sender a collector's id or an address */
    public void refused(String sender, FaultException why) {
        if (why.fault() == Fault.INTERNAL && due(sender)) {
            LOG.error("{} is refused: a bug of the server", sender, why);
        } else if (due(sender)) {
            LOG.warn(
                    "{} is refused: {} ({}); more of this is counted, not said, for a minute",
                    sender,
                    why.fault(),
                    printable(why.detail()));
        }
    }

    boolean due(String sender) {
        long now = nanoClock.getAsLong();
        var before = saidAt.get(sender);
        if (before != null && now - before < QUIET_NANOS) {
            return false;
        }
        if (saidAt.size() >= SENDERS_MAX) {
            saidAt.values().removeIf(at -> now - at >= QUIET_NANOS);
            if (saidAt.size() >= SENDERS_MAX) {
                return false;
            }
        }
        return before == null ? saidAt.putIfAbsent(sender, now) == null : saidAt.replace(sender, before, now);
    }

    /** A sender's text must not begin a line of its own in our log. */
    private static String printable(String detail) {
        return detail.replaceAll("\\p{Cntrl}", "?");
    }
}

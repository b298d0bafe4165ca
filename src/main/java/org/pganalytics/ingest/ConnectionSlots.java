package org.pganalytics.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.tls.Networks;

/** How many connections a door holds, in all and from one address. Safe to share between event loops. */
public final class ConnectionSlots {
    private final int max;
    private final int perAddressMax;
    private final Networks trusted;
    private final Networks balancers;
    private final AtomicInteger used = new AtomicInteger();
    private final ConcurrentHashMap<String, Integer> byAddress = new ConcurrentHashMap<>();

    /**
     * @param trusted addresses that count in all only, also where a balancer names them
     * @param balancers the same, but of peers alone: each stands for many
     * @param transport tcp or http, for the metric
     */
    public ConnectionSlots(
            int max,
            int perAddressMax,
            Networks trusted,
            Networks balancers,
            String transport,
            MeterRegistry registry) {
        this.max = max;
        this.perAddressMax = perAddressMax;
        this.trusted = trusted;
        this.balancers = balancers;
        registry.gauge("pganalytics.ingest.connections", Tags.of("transport", transport), used);
    }

    /** Takes a slot, or tells why not; every slot taken is to be released. */
    public Optional<FaultException> take(String address) {
        if (used.incrementAndGet() > max) {
            used.decrementAndGet();
            return Optional.of(Fault.TOO_MANY_CONNECTIONS.because("the server holds %d connections".formatted(max)));
        }
        var full = balancers.contains(address) ? Optional.<FaultException>empty() : takeOf(address);
        full.ifPresent(why -> used.decrementAndGet());
        return full;
    }

    /** The same for the client of a connection whose slot its balancer took: counts for its address only. */
    public Optional<FaultException> takeOf(String client) {
        if (!trusted.contains(client) && byAddress.merge(client, 1, Integer::sum) > perAddressMax) {
            releaseOf(client);
            return Optional.of(Fault.TOO_MANY_CONNECTIONS.because(
                    "%d connections are open from this address, no more are allowed".formatted(perAddressMax)));
        }
        return Optional.empty();
    }

    public void release(String address) {
        used.decrementAndGet();
        if (!balancers.contains(address)) {
            releaseOf(address);
        }
    }

    /** Gives back what {@link #takeOf} took. */
    public void releaseOf(String client) {
        byAddress.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    }

    public int used() {
        return used.get();
    }
}

package org.pganalytics.tls;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what listeners show in step with the files: reads them when told to, and every {@code tls.reload-every}. What
 * cannot be used is refused and counted, and what is in use stays. Connections that are open live on. Thread-safe.
 */
public final class CertificateWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final Vertx vertx;
    private final Clock clock;
    private final MeterRegistry registry;
    private final Optional<Authority> authority;
    private final List<Reloadable> watched = new CopyOnWriteArrayList<>();
    private final Map<String, String> refusedFor = new ConcurrentHashMap<>();
    private Future<Void> looking = Future.succeededFuture();

    private CertificateWatch(Vertx vertx, Optional<Authority> authority, Clock clock, MeterRegistry registry) {
        this.vertx = vertx;
        this.authority = authority;
        this.clock = clock;
        this.registry = registry;
    }

    /**
     * Reads the authority's files where there are some: not for an event loop.
     *
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public static CertificateWatch open(Vertx vertx, CertificatesConfig config, Clock clock, MeterRegistry registry) {
        var authority =
                config.ca().isSet() ? Optional.of(Authority.load(config.ca(), clock)) : Optional.<Authority>empty();
        var watch = new CertificateWatch(vertx, authority, clock, registry);
        authority.ifPresent(watch::add);
        vertx.setPeriodic(config.reloadEvery().toMillis(), due -> watch.look(false));
        return watch;
    }

    /**
     * As {@link ListenerSecurity#load}, not for an event loop, and followed from then on.
     *
     * @param listener its name, such as {@code tcp}
     */
    public ListenerSecurity secure(String listener, TlsConfig tls) {
        var security = ListenerSecurity.load(
                listener, tls, () -> authority.map(Authority::trusted).orElse(List.of()), clock);
        if (security.encrypts()) {
            add(security);
        }
        return security;
    }

    private void add(Reloadable one) {
        watched.add(one);
        Gauge.builder(
                        "pganalytics.tls.certificate.expiry",
                        one,
                        known -> known.expiresAt().getEpochSecond())
                .description("When the certificate in use expires, since 1970")
                .baseUnit("seconds")
                .tag("listener", one.name())
                .register(registry);
        count(one, "applied", 0);
        count(one, "refused", 0);
    }

    /** Certifies collectors; empty where {@code tls.ca} is not set. */
    public Optional<Authority> authority() {
        return authority;
    }

    /** Reads all files now. Never fails: what is wrong is logged and counted, even when it was before. */
    public Future<Void> reload() {
        return look(true);
    }

    /** One after the other; the authority goes first: it is one of those that listeners ask for. */
    private synchronized Future<Void> look(boolean told) {
        for (var one : watched) {
            looking = looking.compose(done -> look(one, told));
        }
        return looking;
    }

    private Future<Void> look(Reloadable one, boolean told) {
        return vertx.executeBlocking(one::read)
                .compose(fresh -> fresh.map(Supplier::get)
                        .map(taken -> taken.onSuccess(inUse -> applied(one)))
                        .orElseGet(() -> {
                            refusedFor.remove(one.name());
                            return Future.succeededFuture();
                        }))
                .otherwise(failure -> {
                    refused(one, failure, told);
                    return null;
                });
    }

    private void applied(Reloadable one) {
        refusedFor.remove(one.name());
        count(one, "applied", 1);
        LOG.info("{}: a new certificate is in use for new connections: {}", one.name(), one.inUse());
    }

    /** The same files are refused once, not with each look. */
    private void refused(Reloadable one, Throwable failure, boolean told) {
        var why = String.valueOf(failure.getMessage());
        if (!why.equals(refusedFor.put(one.name(), why)) || told) {
            count(one, "refused", 1);
            LOG.error(
                    "{}: the certificate in use stays, {}: what the files hold is refused: {}",
                    one.name(),
                    one.inUse(),
                    why);
        }
    }

    private void count(Reloadable one, String outcome, int times) {
        registry.counter("pganalytics.tls.reloads", "listener", one.name(), "outcome", outcome)
                .increment(times);
    }
}

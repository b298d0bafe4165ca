package org.pganalytics.tls;

import io.vertx.core.net.NetServerOptions;
import java.time.Clock;
import java.util.Optional;

/** What a listener for collectors does with the TLS configuration: encrypts, or lets only the balancers in. */
public final class ListenerSecurity {
    private final TlsConfig config;
    private final Optional<Certificates> certificates;
    private final Networks upstream;

    private ListenerSecurity(TlsConfig config, Optional<Certificates> certificates) {
        this.config = config;
        this.certificates = certificates;
        this.upstream = Networks.of("tls.upstream-addresses", config.upstreamAddresses());
    }

    /**
     * Reads the certificate where one is needed: not for an event loop.
     *
     * @throws IllegalArgumentException as {@link Certificates#load}
     */
    public static ListenerSecurity load(TlsConfig config, Clock clock) {
        return new ListenerSecurity(
                config,
                config.mode() == TlsConfig.Mode.ON ? Optional.of(Certificates.load(config, clock)) : Optional.empty());
    }

    /** Makes the listener speak TLS when the configuration says so. */
    public void secure(NetServerOptions listener) {
        certificates.ifPresent(loaded -> loaded.secure(listener, config));
    }

    public boolean encrypts() {
        return certificates.isPresent();
    }

    /** Whether a peer may connect: behind balancers nobody else may. */
    public boolean admits(String address) {
        return config.mode() != TlsConfig.Mode.TERMINATED_UPSTREAM || upstream.contains(address);
    }

    /** Whether a peer is a balancer, who speaks for many and names them in X-Forwarded-For. */
    public boolean isBalancer(String address) {
        return config.mode() == TlsConfig.Mode.TERMINATED_UPSTREAM && upstream.contains(address);
    }

    public Optional<Certificates> certificates() {
        return certificates;
    }
}

package org.pganalytics.tls;

import io.vertx.core.Future;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.WrongValueException;

/**
 * What a listener does with the TLS configuration: encrypts, or lets only the balancers in; and which certificates of
 * collectors it takes. Thread-safe.
 */
public final class ListenerSecurity implements Reloadable {
    private final String name;
    private final TlsConfig config;
    private final Supplier<List<X509Certificate>> ownAuthority;
    private final Clock clock;
    private final Networks upstream;
    private final List<Function<ServerSSLOptions, Future<?>>> listeners = new CopyOnWriteArrayList<>();
    /** Found out at once: to load the library takes long. */
    private final boolean isNative;

    private volatile Optional<Loaded> loaded = Optional.empty();
    private volatile ClientCertificates clients;

    /** What was read. @param authorities of collectors' certificates */
    private record Loaded(Certificates certificates, List<X509Certificate> authorities) {}

    private ListenerSecurity(String name, TlsConfig config, Supplier<List<X509Certificate>> ownAuthority, Clock clock) {
        this.name = name;
        this.config = config;
        this.ownAuthority = ownAuthority;
        this.clock = clock;
        this.upstream = Networks.of("tls.upstream-addresses", config.upstreamAddresses());
        this.clients = new ClientCertificates(List.of(), clock);
        this.isNative = config.mode() == TlsConfig.Mode.ON && OpenSSLEngineOptions.isAvailable();
    }

    /** One that takes no certificates of collectors but those of tls.client-authorities, and belongs to no watch. */
    public static ListenerSecurity load(TlsConfig config, Clock clock) {
        return load("listener", config, List::of, clock);
    }

    /**
     * Reads the certificate where one is needed: not for an event loop.
     *
     * @param name of the listener
     * @param ownAuthority certificates of the authority that certifies collectors; may be none
     * @throws WrongValueException as {@link Certificates#load}
     */
    static ListenerSecurity load(
            String name, TlsConfig config, Supplier<List<X509Certificate>> ownAuthority, Clock clock) {
        var security = new ListenerSecurity(name, config, ownAuthority, clock);
        if (config.mode() == TlsConfig.Mode.ON) {
            security.use(new Loaded(Certificates.load(name, config, clock), security.readAuthorities()));
        }
        return security;
    }

    private List<X509Certificate> readAuthorities() {
        var authorities = new ArrayList<X509Certificate>();
        if (config.asksForCertificates()) {
            authorities.addAll(ownAuthority.get());
            authorities.addAll(readFurtherAuthorities(name, config));
        }
        return List.copyOf(authorities);
    }

    /** None where collectors are asked for no certificate. */
    static List<X509Certificate> readFurtherAuthorities(String listener, TlsConfig config) {
        var file = config.clientAuthorities();
        if (file == null || !config.asksForCertificates()) {
            return List.of();
        }
        var setting = listener + ".tls.client-authorities";
        return Pem.certificates(setting, file, Pem.read(setting, file));
    }

    private void use(Loaded fresh) {
        clients = new ClientCertificates(fresh.authorities(), clock);
        loaded = Optional.of(fresh);
    }

    /** Makes the listener speak TLS when the configuration says so, through the native engine where the machine has it. */
    public void secure(NetServerOptions listener) {
        loaded.ifPresent(now -> {
            listener.setSsl(true)
                    .setKeyCertOptions(keyCert(now.certificates()))
                    .setEnabledSecureTransportProtocols(new LinkedHashSet<>(config.protocols()))
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setSslHandshakeTimeout(config.handshakeTime().toMillis());
            Ciphers.MODERN.forEach(listener::addEnabledCipherSuite);
            if (config.asksForCertificates()) {
                listener.setClientAuth(ClientAuth.REQUEST).setTrustOptions(trust(now));
            }
            if (isNative) {
                listener.setSslEngineOptions(new OpenSSLEngineOptions());
            }
        });
    }

    /** Whom to tell of another certificate; to be called once the listener listens. */
    public void follow(Function<ServerSSLOptions, Future<?>> listener) {
        listeners.add(listener);
    }

    /** The same as {@link #secure}, of another certificate: the rest of what a listener was told does not change. */
    private ServerSSLOptions options(Loaded fresh) {
        var options = new ServerSSLOptions()
                .setKeyCertOptions(keyCert(fresh.certificates()))
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(config.protocols()))
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSslHandshakeTimeout(config.handshakeTime().toMillis());
        Ciphers.MODERN.forEach(options::addEnabledCipherSuite);
        if (config.asksForCertificates()) {
            options.setClientAuth(ClientAuth.REQUEST).setTrustOptions(trust(fresh));
        }
        return options;
    }

    private static PemKeyCertOptions keyCert(Certificates certificates) {
        return new PemKeyCertOptions().addCertValue(certificates.chain()).addKeyValue(certificates.key());
    }

    private static TrustOptions trust(Loaded now) {
        return TrustOptions.wrap(new ShownCertificates(now.authorities()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String inUse() {
        return loaded.map(now -> now.certificates().toString()).orElse("none");
    }

    @Override
    public Instant expiresAt() {
        return loaded.map(now -> now.certificates().expiresAt()).orElse(Instant.MAX);
    }

    @Override
    public Optional<Supplier<Future<Void>>> read() {
        if (loaded.isEmpty()) {
            return Optional.empty();
        }
        var now = loaded.get();
        var wrong = new ArrayList<IllegalArgumentException>();
        var fresh = new Loaded(
                orBefore(() -> Certificates.load(name, config, clock), now.certificates(), wrong),
                orBefore(this::readAuthorities, now.authorities(), wrong));
        if (!fresh.equals(now)) {
            return Optional.of(() -> take(fresh)
                    .compose(taken -> wrong.isEmpty() ? Future.succeededFuture() : Future.failedFuture(wrong.get(0))));
        }
        if (!wrong.isEmpty()) {
            throw wrong.get(0);
        }
        return Optional.empty();
    }

    /** A pair that is wrong must not keep an authority trusted that was taken out, nor the other way round. */
    private static <T> T orBefore(Supplier<T> read, T before, List<IllegalArgumentException> wrong) {
        try {
            return read.get();
        } catch (IllegalArgumentException odd) {
            wrong.add(odd);
            return before;
        }
    }

    private Future<Void> take(Loaded fresh) {
        var told = listeners.stream()
                .map(listener -> listener.apply(options(fresh)))
                .toList();
        return Future.all(told).<Void>mapEmpty().onSuccess(all -> use(fresh));
    }

    public boolean encrypts() {
        return loaded.isPresent();
    }

    /** Whether a peer may connect: behind balancers nobody else may. */
    public boolean admits(String address) {
        return config.mode() != TlsConfig.Mode.TERMINATED_UPSTREAM || upstream.contains(address);
    }

    /** Whether a peer is a balancer, who speaks for many and names them in X-Forwarded-For. */
    public boolean isBalancer(String address) {
        return config.mode() == TlsConfig.Mode.TERMINATED_UPSTREAM && upstream.contains(address);
    }

    /**
     * Looks whether the certificate of a connection, when there is one or must be one, is this collector's: the second lock,
     * after the token.
     *
     * @param session null on a connection without TLS
     * @throws org.pganalytics.fault.FaultException CERTIFICATE_REFUSED
     */
    public void requireCertificateOf(UUID collector, String collectorName, SSLSession session) {
        if (!config.asksForCertificates()) {
            return;
        }
        var shown = ClientCertificates.shown(session);
        if (!shown.isEmpty()) {
            clients.requireOf(collector, collectorName, shown);
        } else if (config.clientAuth() == TlsConfig.ClientAuth.REQUIRED) {
            throw Fault.CERTIFICATE_REFUSED.because(
                    "no certificate of the collector was shown, and %s.tls.client-auth".formatted(name)
                            + " = required: POST /api/v1/collectors/certificate gives one");
        }
    }

    public Optional<Certificates> certificates() {
        return loaded.map(Loaded::certificates);
    }
}

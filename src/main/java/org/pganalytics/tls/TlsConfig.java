package org.pganalytics.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pganalytics.fault.Limit;

/**
 * How the listeners for collectors are encrypted.
 *
 * @param mode off: plain, on loopback only; on: the listeners speak TLS; terminated-upstream: a balancer does
 * @param certificate PEM file with the certificate and its chain; needed when on, else null
 * @param key PEM file with the PKCS #8 private key; needed when on, else null
 * @param protocols any of TLSv1.3 and TLSv1.2, at least one; default both
 * @param upstreamAddresses networks (CIDR or a single address) of the balancers; at least one when terminated-upstream,
 *     and the only ones that may connect then; else empty
 * @param handshakeTime longest a TLS handshake may take, 100 ms to 5 min; default 10 s
 * @param clientAuth whether collectors show certificates; other than none needs mode on; default none
 * @param clientAuthorities PEM file with authorities whose certificates collectors may show besides the server's own, or
 *     null for none
 */
public record TlsConfig(
        Mode mode,
        Path certificate,
        Path key,
        List<String> protocols,
        List<String> upstreamAddresses,
        Duration handshakeTime,
        ClientAuth clientAuth,
        Path clientAuthorities) {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Who encrypts. */
    public enum Mode {
        OFF("off"),
        ON("on"),
        TERMINATED_UPSTREAM("terminated-upstream");

        private final String declaredName;

        Mode(String declaredName) {
            this.declaredName = declaredName;
        }

        /** The name in the configuration. */
        public String declaredName() {
            return declaredName;
        }

        public static Mode ofDeclaredName(String name) {
            for (var mode : values()) {
                if (mode.declaredName.equals(name)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException(
                    "tls.mode = '%s' is none of off, on, terminated-upstream".formatted(name));
        }
    }

    /** Whether collectors show certificates, besides their tokens. */
    public enum ClientAuth {
        /** None is asked for. */
        NONE,
        /** One that is shown must be the collector's own; none need be shown. */
        OPTIONAL,
        /** Without its own no collector is let in; registering and asking for a certificate stay open. */
        REQUIRED
    }

    public TlsConfig {
        protocols = List.copyOf(protocols);
        upstreamAddresses = List.copyOf(upstreamAddresses);
        requireFiles(mode, certificate, key);
        if (protocols.isEmpty() || !PROTOCOLS.containsAll(protocols)) {
            throw new IllegalArgumentException(
                    "tls.protocols = %s must be one or both of %s".formatted(protocols, PROTOCOLS));
        }
        requireUpstream(mode, upstreamAddresses);
        if (clientAuth != ClientAuth.NONE && mode != Mode.ON) {
            throw new IllegalArgumentException(
                    "tls.client-auth must be none unless tls.mode = on: who ends TLS sees the certificates");
        }
        Limit.between("tls.handshake-time", handshakeTime, Duration.ofMillis(100), Duration.ofMinutes(5));
    }

    private static void requireFiles(Mode mode, Path certificate, Path key) {
        if (mode == Mode.ON && (certificate == null || key == null)) {
            throw new IllegalArgumentException("tls.mode = on needs tls.certificate and tls.key (PEM files)");
        }
    }

    private static void requireUpstream(Mode mode, List<String> addresses) {
        if (mode == Mode.TERMINATED_UPSTREAM && addresses.isEmpty()) {
            throw new IllegalArgumentException(
                    "tls.mode = terminated-upstream needs tls.upstream-addresses: the networks"
                            + " of the balancers that end TLS");
        }
        Networks.of("tls.upstream-addresses", addresses);
    }

    /** Plain listeners, which must then be on loopback. */
    public static TlsConfig off() {
        return new TlsConfig(Mode.OFF, null, null, PROTOCOLS, List.of(), Duration.ofSeconds(10), ClientAuth.NONE, null);
    }

    boolean asksForCertificates() {
        return clientAuth != ClientAuth.NONE;
    }

    /**
     * The rule that no listener may break: it is on loopback, or has TLS, or says that TLS ends upstream.
     *
     * @param listener its section of the configuration, such as {@code tcp}
     * @return which hosts are allowed when this one is not, or empty
     */
    public Optional<String> problemWith(String listener, String host) {
        if (mode != Mode.OFF || isLoopback(host)) {
            return Optional.empty();
        }
        var elsewhere = "set %1$s.tls.mode = on with %1$s.tls.certificate and %1$s.tls.key, or"
                + " %1$s.tls.mode = terminated-upstream with %1$s.tls.upstream-addresses";
        return Optional.of("127.0.0.1, ::1 or localhost, since it would listen unencrypted beyond this machine;"
                + " for any other " + elsewhere.formatted(listener));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost")
                || host.equals("::1")
                || host.equals("[::1]")
                || host.equals("0:0:0:0:0:0:0:1")
                || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}

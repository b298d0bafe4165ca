package org.pganalytics.collector;

import java.util.Set;

/**
 * How a target is spoken to: libpq's words, with libpq's meaning.
 *
 * @param sslmode disable, prefer, require, verify-ca or verify-full; default prefer
 * @param certificates path of the PEM file with the authorities to trust, for verify-ca and verify-full; empty: those of
 *     the JVM
 * @param clientCertificate path of the PEM file with the certificate to show; empty: none
 * @param clientKey path of the PEM file with its PKCS #8 private key; set exactly when the certificate is
 */
public record TargetTlsConfig(String sslmode, String certificates, String clientCertificate, String clientKey) {
    private static final Set<String> SSLMODES = Set.of("disable", "prefer", "require", "verify-ca", "verify-full");
    /** Without TLS. */
    public static final TargetTlsConfig NONE = new TargetTlsConfig("disable", "", "", "");

    public TargetTlsConfig {
        if (!SSLMODES.contains(sslmode)) {
            throw new IllegalArgumentException(
                    "targets.sslmode = %s must be one of disable, prefer, require, verify-ca, verify-full"
                            .formatted(sslmode));
        }
        if (clientCertificate.isEmpty() != clientKey.isEmpty()) {
            throw new IllegalArgumentException(
                    "targets.client-key must be set when client-certificate is, and only then");
        }
    }

    boolean isOff() {
        return sslmode.equals("disable");
    }

    /** Only verify-ca and verify-full look at the server's certificate. */
    boolean verifies() {
        return sslmode.startsWith("verify");
    }

    boolean verifiesHost() {
        return sslmode.equals("verify-full");
    }
}

package org.pganalytics.tls;

import java.util.List;

/**
 * What is spoken over TLS: keys that are gone after the session (ECDHE) and encryption that notices every change (AEAD),
 * nothing else. Of TLS 1.3 these are all there is in use; of TLS 1.2 neither CBC nor RSA key exchange is.
 */
public final class Ciphers {
    /** By the names of the JDK, which the native engine translates; the server's order counts, AES first. */
    public static final List<String> MODERN = List.of(
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");

    private Ciphers() {}
}

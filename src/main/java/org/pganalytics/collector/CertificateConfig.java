package org.pganalytics.collector;

import java.nio.file.Path;

/**
 * Which certificate the collector shows to servers that ask for one.
 *
 * @param from where it comes from; default server
 * @param file PEM file with the certificate and its chain; needed with files, else null
 * @param key PEM file with its PKCS #8 key; needed with files, else null
 */
public record CertificateConfig(From from, Path file, Path key) {

    /** Where a certificate comes from. */
    public enum From {
        /** From the server that the collector sends to, over HTTP with TLS, where that certifies collectors. */
        SERVER,
        /** From files, which somebody else renews. */
        FILES,
        /** None is shown. */
        NONE
    }

    public CertificateConfig {
        if ((from == From.FILES) != (file != null) || (from == From.FILES) != (key != null)) {
            throw new IllegalArgumentException(
                    "certificate.from = files needs certificate.file and certificate.key, and nothing else takes them");
        }
    }

    public static CertificateConfig ofServer() {
        return new CertificateConfig(From.SERVER, null, null);
    }
}

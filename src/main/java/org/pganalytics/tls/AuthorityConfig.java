package org.pganalytics.tls;

import java.nio.file.Path;
import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * The authority that certifies collectors; the same two files on every server.
 *
 * @param certificate PEM file; its first certificate issues, the others are trusted, too; null: there is no authority
 * @param key PEM file with the PKCS #8 key of the first, of no use to anybody but its owner (0600); null with certificate
 * @param certificateLifetime how long a collector's certificate holds, 10 s to 398 d; default 30 d
 */
public record AuthorityConfig(Path certificate, Path key, Duration certificateLifetime) {
    public AuthorityConfig {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "tls.ca.key must be a file when tls.ca.certificate is one, and only then;"
                            + " ./pganalytics tls ca create makes both");
        }
        Limit.between("tls.ca.certificate-lifetime", certificateLifetime, Duration.ofSeconds(10), Duration.ofDays(398));
    }

    /** Whether there is one. */
    public boolean isSet() {
        return certificate != null;
    }
}

package org.pganalytics.tls;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * What all listeners share of certificates.
 *
 * @param reloadEvery how often the files are looked at: what has changed is taken into use; 1 s to 1 d, default 60 s
 * @param ca the authority that certifies collectors
 */
public record CertificatesConfig(Duration reloadEvery, AuthorityConfig ca) {
    public CertificatesConfig {
        Limit.between("tls.reload-every", reloadEvery, Duration.ofSeconds(1), Duration.ofDays(1));
    }
}

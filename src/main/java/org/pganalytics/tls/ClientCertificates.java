package org.pganalytics.tls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Looks whether a certificate that was shown is by a trusted authority, holds now, and is this collector's. One that names a
 * collector's id ({@value #URN}…) is that collector's alone; one of an operator's own authority may name it by the common
 * name or a DNS name instead. Thread-safe.
 */
final class ClientCertificates {
    static final String URN = "urn:pganalytics:collector:";

    private static final String FOR_CLIENTS = "1.3.6.1.5.5.7.3.2";
    private static final String FOR_ALL = "2.5.29.37.0";
    private static final int DNS_NAME = 2;
    private static final int URI_NAME = 6;
    private static final int VERIFIED_MAX = 10_000;
    private static final int CHAIN_MAX = 6;

    private final Set<TrustAnchor> anchors = new HashSet<>();
    private final Clock clock;
    private final Map<X509Certificate, Instant> verified = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<X509Certificate, Instant> eldest) {
            return size() > VERIFIED_MAX;
        }
    };

    ClientCertificates(List<X509Certificate> authorities, Clock clock) {
        authorities.forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
        this.clock = clock;
    }

    /** The certificates of a connection, the peer's own first; none where it showed none, or speaks no TLS. */
    static List<X509Certificate> shown(SSLSession sessionOrNull) {
        if (sessionOrNull == null) {
            return List.of();
        }
        try {
            return Arrays.stream(sessionOrNull.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }

    /** @throws FaultException CERTIFICATE_REFUSED, saying what is wrong with it */
    void requireOf(UUID collector, String name, List<X509Certificate> shown) {
        var own = shown.get(0);
        var until = verifiedUntil(own);
        if (until == null || !clock.instant().isBefore(until)) {
            var holds = verify(shown);
            synchronized (verified) {
                verified.put(own, holds);
            }
        }
        requireNames(own, collector, name);
    }

    private Instant verifiedUntil(X509Certificate own) {
        synchronized (verified) {
            return verified.get(own);
        }
    }

    /** @return until when: the first end on the way from the certificate to the authority */
    private Instant verify(List<X509Certificate> shown) {
        requireHolds(shown.get(0));
        try {
            var trusted = anchorsThatHold();
            if (trusted.isEmpty() || shown.size() > CHAIN_MAX) {
                throw refused("is by no authority that is trusted here");
            }
            var parameters = new PKIXParameters(trusted);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            var found = (PKIXCertPathValidatorResult)
                    CertPathValidator.getInstance("PKIX").validate(path(shown), parameters);
            requireForClients(shown.get(0));
            return Stream.concat(
                            shown.stream(), Stream.of(found.getTrustAnchor().getTrustedCert()))
                    .map(certificate -> certificate.getNotAfter().toInstant())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (GeneralSecurityException distrusted) {
            throw Fault.CERTIFICATE_REFUSED.because(
                    "the certificate that was shown is by no authority that is trusted here", distrusted);
        }
    }

    /** The path's validation looks at no dates of an anchor. */
    private Set<TrustAnchor> anchorsThatHold() {
        var now = clock.instant();
        return anchors.stream()
                .filter(anchor ->
                        now.isBefore(anchor.getTrustedCert().getNotAfter().toInstant()))
                .collect(Collectors.toSet());
    }

    private void requireHolds(X509Certificate own) {
        var now = clock.instant();
        var from = own.getNotBefore().toInstant();
        var until = own.getNotAfter().toInstant();
        if (now.isBefore(from) || !now.isBefore(until)) {
            throw refused("holds from %s to %s, and it is %s here".formatted(from, until, now));
        }
    }

    private static void requireForClients(X509Certificate own) throws CertificateParsingException {
        var uses = own.getExtendedKeyUsage();
        if (uses != null && !uses.contains(FOR_CLIENTS) && !uses.contains(FOR_ALL)) {
            throw refused("is not one for clients (clientAuth)");
        }
    }

    /** Without the authority itself, should it be there: an anchor is no part of a path. */
    private CertPath path(List<X509Certificate> shown) throws GeneralSecurityException {
        var path = new ArrayList<>(shown);
        path.removeIf(certificate ->
                anchors.stream().anyMatch(anchor -> anchor.getTrustedCert().equals(certificate)));
        return CertificateFactory.getInstance("X.509").generateCertPath(path);
    }

    private static void requireNames(X509Certificate own, UUID collector, String name) {
        try {
            var ids = names(own, URI_NAME).stream()
                    .filter(uri -> uri.startsWith(URN))
                    .toList();
            boolean its = ids.isEmpty()
                    ? names(own, DNS_NAME).contains(name) || commonNames(own).contains(name)
                    : ids.contains(URN + collector);
            if (!its) {
                throw refused("is another collector's than the token: it must name %s%s".formatted(URN, collector)
                        + (ids.isEmpty() ? ", or the collector's name" : ""));
            }
        } catch (CertificateParsingException | InvalidNameException odd) {
            throw Fault.CERTIFICATE_REFUSED.because("the certificate that was shown has names of an odd form", odd);
        }
    }

    private static List<String> names(X509Certificate own, int kind) throws CertificateParsingException {
        Collection<List<?>> all = own.getSubjectAlternativeNames();
        return all == null
                ? List.of()
                : all.stream()
                        .filter(name -> name.get(0).equals(kind))
                        .map(name -> String.valueOf(name.get(1)))
                        .toList();
    }

    private static List<String> commonNames(X509Certificate own) throws InvalidNameException {
        return new LdapName(own.getSubjectX500Principal().getName())
                .getRdns().stream()
                        .filter(part -> part.getType().equalsIgnoreCase("CN"))
                        .map(part -> String.valueOf(part.getValue()))
                        .toList();
    }

    private static FaultException refused(String why) {
        return Fault.CERTIFICATE_REFUSED.because("the certificate that was shown " + why);
    }
}

package org.pganalytics.config;

import java.util.List;
import org.pganalytics.fault.Span;
import org.pganalytics.tls.CertificatesConfig;
import org.pganalytics.tls.TlsConfig;

/** Looks whether sections that are good by themselves fit each other. */
final class SectionsTogether {
    private final Section root;

    SectionsTogether(Section root) {
        this.root = root;
    }

    /** Tells the document's problems what does not. */
    void check(ServerConfig read) {
        ringHoldsTheWindowTwice(read);
        onePushFits(read);
        aHeldPushIsNotIdle(read);
        whoAsksForCertificatesTrustsSomebody(read);
        providersKnowWhereThisServerIs(read);
    }

    /** Who comes back from a provider must come back here; what a request says of where that is may be anybody's. */
    private void providersKnowWhereThisServerIs(ServerConfig read) {
        boolean any = read.oidc() != null && !read.oidc().providers().isEmpty();
        if (any && read.federation() != null && read.federation().publicUrl().isEmpty()) {
            root.section("identity")
                    .wrong("public-url", "set where there are providers: https://host as browsers have this server");
        }
    }

    /** Else a batch sent again could be too old to be told from a conflict. */
    private void ringHoldsTheWindowTwice(ServerConfig read) {
        int ring = read.storage().digestRing();
        int window = read.tcp().window();
        if (ring >= 2 * window) {
            return;
        }
        if (window == root.section("tcp").ofDefaults().integer("window")) {
            root.section("storage")
                    .wrong("digest-ring", "at least twice tcp.window (%d): %d".formatted(window, 2 * window));
        } else {
            root.section("tcp")
                    .wrong("window", "at most half of storage.digest-ring (%d): %d".formatted(ring, ring / 2));
        }
    }

    /**
     * A body pushed over HTTP is held whole and unpacked, else it would be sent again for ever. JSON of version 3 is not: it
     * is stored while it comes.
     */
    private void onePushFits(ServerConfig read) {
        long inFlight = read.ingest().inFlightBytesMax();
        long unpacked = read.ingest().uncompressedBytesMax();
        long body = read.http().bodyBytesMax();
        if (inFlight >= body + unpacked) {
            return;
        }
        if (body == root.section("http").ofDefaults().bytes("body-bytes-max")) {
            root.section("ingest")
                    .wrong(
                            "in-flight-bytes-max",
                            "at least http.body-bytes-max (%d) and ingest.uncompressed-bytes-max (%d) together: %d"
                                    .formatted(body, unpacked, body + unpacked));
        } else {
            root.section("http")
                    .wrong(
                            "body-bytes-max",
                            "at most ingest.in-flight-bytes-max (%d) less ingest.uncompressed-bytes-max (%d): %d"
                                    .formatted(inFlight, unpacked, inFlight - unpacked));
        }
    }

    /** Else nobody could show a certificate that holds. */
    private void whoAsksForCertificatesTrustsSomebody(ServerConfig read) {
        requireAuthority("tcp", read.tcpTls(), read.certificates());
        requireAuthority("http", read.httpTls(), read.certificates());
    }

    /** What could not be read at all has been told already. */
    private void requireAuthority(String door, TlsConfig tls, CertificatesConfig certificates) {
        if (tls == null || certificates == null || certificates.ca() == null) {
            return;
        }
        if (tls.clientAuth() != TlsConfig.ClientAuth.NONE
                && !certificates.ca().isSet()
                && tls.clientAuthorities() == null) {
            root.section(door)
                    .section("tls")
                    .wrong(
                            "client-auth",
                            "none without an authority: set tls.ca.certificate and tls.ca.key (./pganalytics tls ca"
                                    + " create makes them), or client-authorities");
        }
    }

    /** Else the connection of a push that waits is closed as idle before the push is answered. */
    private void aHeldPushIsNotIdle(ServerConfig read) {
        var idle = read.http().idleTime();
        for (var wait : List.of("overload-wait", "retry-wait")) {
            var held = root.section("v3").duration(wait);
            if (held.compareTo(idle) < 0) {
                continue;
            }
            if (held.equals(root.section("v3").ofDefaults().duration(wait))) {
                root.section("http").wrong("idle-time", "longer than v3.%s (%s)".formatted(wait, Span.text(held)));
                return;
            }
            root.section("v3").wrong(wait, "shorter than http.idle-time (%s)".formatted(Span.text(idle)));
        }
    }
}

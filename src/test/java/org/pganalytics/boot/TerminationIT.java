package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.boot.BalancedFleet.Seen;
import org.pganalytics.tls.TestAuthority;
import org.pganalytics.tls.TestCertificate;

/** Three plain servers behind Debian's balancers with the files we ship, which end TLS. */
class TerminationIT {
    @TempDir
    static Path certificates;

    private static TestAuthority authority;
    private static TestCertificate certificate;
    private static ThreeServers servers;
    private static BalancedFleet fleet;

    @BeforeAll
    static void start() throws Exception {
        authority = TestAuthority.make(certificates, "ours");
        certificate = authority.certify("127.0.0.1");
        servers = ThreeServers.start(Map.of(
                "PGANALYTICS_TCP_TLS_MODE", "terminated-upstream",
                "PGANALYTICS_TCP_TLS_UPSTREAM_ADDRESSES", "127.0.0.1",
                "PGANALYTICS_TCP_PROXY_PROTOCOL_ADDRESSES", "127.0.0.1",
                "PGANALYTICS_TCP_PROXY_PROTOCOL_TEXT_HEADER", "true",
                "PGANALYTICS_HTTP_TLS_MODE", "terminated-upstream",
                "PGANALYTICS_HTTP_TLS_UPSTREAM_ADDRESSES", "127.0.0.1"));
        fleet = new BalancedFleet(servers, authority.certificate());
    }

    @AfterAll
    static void stop() throws Exception {
        if (servers != null) {
            servers.close();
        }
    }

    @Test
    void byHaproxyEverybodyIsKnownAndNothingIsLostWithAServer() throws Exception {
        var pem = Files.writeString(
                certificates.resolve("haproxy.pem"),
                Files.readString(certificate.certificate()) + Files.readString(certificate.key()));
        try (var balancer = RealBalancer.haproxy("pganalytics-tls.cfg", servers, pem)) {
            assertEquals(Seen.asItIs("127.0.1"), fleet.through(balancer, "127.0.1", balancer.tcpPort(), "tcp"));
            largePushesOutliveAServer(balancer);
        }
    }

    @Test
    void byNginxEverybodyIsKnownAndNothingIsLostWithAServer() throws Exception {
        try (var balancer = RealBalancer.nginx("pganalytics-tls.conf", servers, certificate)) {
            assertEquals(Seen.asItIs("127.0.2"), fleet.through(balancer, "127.0.2", balancer.httpPort(), "json"));
            largePushesOutliveAServer(balancer);
        }
    }

    /** Where the one that is killed had no push, or had answered it, all is sent once more. */
    private static void largePushesOutliveAServer(RealBalancer balancer) throws Exception {
        var pushes = new LargePushes(servers, authority.certificate(), balancer.httpPort());
        var seen = new ArrayList<LargePushes.Seen>();
        do {
            seen.add(pushes.whileAServerIsKilled(certificates));
        } while (seen.size() < 3 && seen.get(seen.size() - 1).refused() == 0);
        seen.forEach(each -> assertEquals(each.sent(), each.stored(), each::toString));
        long refused = seen.get(seen.size() - 1).refused();
        assertTrue(refused >= 1 && refused < 3, () -> "none of three was cut: " + seen + said(balancer));
    }

    private static String said(RealBalancer balancer) {
        try {
            return "; the balancer: " + balancer.output();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}

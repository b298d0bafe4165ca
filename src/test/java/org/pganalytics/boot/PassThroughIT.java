package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.boot.BalancedFleet.Seen;
import org.pganalytics.tls.TestAuthority;

/** Three servers that speak TLS behind Debian's balancers with the files we ship, which pass it through. */
class PassThroughIT {
    @TempDir
    static Path certificates;

    private static ThreeServers servers;
    private static BalancedFleet fleet;

    @BeforeAll
    static void start() throws Exception {
        var authority = TestAuthority.make(certificates, "ours");
        var certificate = authority.certify("127.0.0.1");
        var environment = new HashMap<String, String>();
        for (var door : List.of("TCP", "HTTP")) {
            var key = "PGANALYTICS_" + door;
            environment.put(key + "_TLS_MODE", "on");
            environment.put(key + "_TLS_CERTIFICATE", certificate.certificate().toString());
            environment.put(key + "_TLS_KEY", certificate.key().toString());
            environment.put(key + "_PROXY_PROTOCOL_ADDRESSES", "127.0.0.1");
            environment.put(key + "_PROXY_PROTOCOL_TEXT_HEADER", "true");
        }
        servers = ThreeServers.start(environment);
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
        try (var balancer = RealBalancer.haproxy("pganalytics.cfg", servers, null)) {
            assertEquals(Seen.asItIs("127.0.1"), fleet.through(balancer, "127.0.1", balancer.tcpPort(), "tcp"));
        }
    }

    @Test
    void byNginxEverybodyIsKnownAndNothingIsLostWithAServer() throws Exception {
        try (var balancer = RealBalancer.nginx("pganalytics.conf", servers, null)) {
            assertEquals(Seen.asItIs("127.0.2"), fleet.through(balancer, "127.0.2", balancer.tcpPort(), "tcp"));
        }
    }
}

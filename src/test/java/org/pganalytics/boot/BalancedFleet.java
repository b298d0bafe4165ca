package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** What a fleet and single clients see that come from addresses of their own, in TLS, by way of a balancer. */
record BalancedFleet(ThreeServers servers, Path authority) {
    static final String FLEET = "127.0.0.2";
    private static final Duration SECONDS = Duration.ofSeconds(30);

    /**
     * One server is killed under load and comes back: what was acknowledged is there, once, and all of it came from where
     * the fleet is.
     */
    void survivesTheDeathOfAServer(int port, String mode) throws Exception {
        long audited = registeredFrom(FLEET);
        var before = servers.rows();
        var tls = new NetClientOptions()
                .setLocalAddress(FLEET)
                .setSsl(true)
                .setHostnameVerificationAlgorithm("HTTPS")
                .setTrustOptions(new PemTrustOptions().addCertPath(authority.toString()));
        try (var tunnel = new Balancer(port, tls);
                var load = load(tunnel.port(), mode)) {
            Awaitility.await("every server has a part of it").atMost(SECONDS).until(() -> grown(before) == 3);
            servers.killLast();
            servers.lastComesBack();
            int code = load.waitFor(Duration.ofSeconds(60));
            var report = load.json();
            assertEquals(0, code, report::encode);
            assertEquals(0, report.getLong("rows_missing"), report::encode);
            assertEquals(0, report.getLong("rows_duplicated"), report::encode);
            assertEquals(0, report.getLong("lost"), report::encode);
            assertTrue(report.getLong("rows_acked") > 0, report::encode);
        }
        Awaitility.await("the record says where they came from")
                .atMost(SECONDS)
                .until(() -> registeredFrom(FLEET) == audited + COLLECTORS);
    }

    private static final int COLLECTORS = 9;

    private long grown(List<Double> before) throws Exception {
        var rows = servers.rows();
        long grown = 0;
        for (int index = 0; index < rows.size(); index++) {
            grown += rows.get(index) > before.get(index) ? 1 : 0;
        }
        return grown;
    }

    private Program load(int port, String mode) throws Exception {
        return Program.start(
                servers.first().data(),
                Map.of(),
                "load",
                "--server=127.0.0.1:" + port,
                "--registration-secret=" + ThreeServers.SECRET,
                "--collectors=" + COLLECTORS,
                "--interval=1",
                "--duration=16",
                "--mode=" + mode,
                "--json",
                "--verify");
    }

    private long registeredFrom(String address) throws Exception {
        return servers.first()
                .number("SELECT count(*) FROM audit_event WHERE action = 'collector.register' AND address = '%s'"
                        .formatted(address));
    }

    /** Registers over HTTPS, in this version of HTTP. */
    void registers(int port, String flag, String version, String address) throws Exception {
        var said = curl(
                flag,
                "--interface",
                address,
                "-H",
                "X-Registration-Secret: " + ThreeServers.SECRET,
                // What a client claims is not believed.
                "-H",
                "X-Forwarded-For: 198.51.100.1",
                "--json",
                "{\"hostname\":\"h\",\"name\":\"%s\",\"version\":\"1\"}".formatted("from " + address),
                "https://127.0.0.1:" + port + "/api/v1/collectors/register");
        assertEquals("201 " + version, said);
        Awaitility.await("the record says where it came from")
                .atMost(SECONDS)
                .until(() -> registeredFrom(address) == 1);
        assertEquals(0, registeredFrom("198.51.100.1"));
    }

    /** The status and the version of HTTP. */
    private String curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("curl", "-sS", "-m", "20", "-o", "/dev/null", "--cacert"));
        command.addAll(List.of(authority.toString(), "-w", "%{http_code} %{http_version}"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}

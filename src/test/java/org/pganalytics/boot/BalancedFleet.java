package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.pganalytics.boot.VerifiedLoad.Outcome;

/** What a fleet and single clients see that come from addresses of their own, in TLS, by way of a balancer. */
record BalancedFleet(ThreeServers servers, Path authority) {
    private static final int COLLECTORS = 9;
    private static final Duration SECONDS = Duration.ofSeconds(30);

    /**
     * What was seen.
     *
     * @param answers statuses and versions of HTTP that a client was told by HTTP/1.1 and by HTTP/2
     * @param load what became of a load under which a server was killed
     * @param registeredFrom how many registrations came from where, as the servers' record says
     */
    record Seen(List<String> answers, Outcome load, Map<String, Long> registeredFrom) {
        /** All is answered and stored, and everybody is known by the own address. @param network as 127.0.7 */
        static Seen asItIs(String network) {
            return new Seen(
                    List.of("201 1.1", "201 2"),
                    Outcome.ALL_THERE_ONCE,
                    Map.of(network + ".2", (long) COLLECTORS, network + ".3", 1L, network + ".4", 1L));
        }
    }

    /** @param network where the clients come from, and nobody before; @param port of the load; @param mode of the load */
    Seen through(RealBalancer balancer, String network, int port, String mode) throws Exception {
        var before = registrations();
        var answers = List.of(
                registers(balancer.httpPort(), "--http1.1", network + ".3"),
                registers(balancer.httpPort(), "--http2", network + ".4"));
        var outcome = outlivesAServer(network + ".2", port, mode);
        Awaitility.await("the record has all")
                .atMost(SECONDS)
                .until(() -> number(registrations()) >= number(before) + COLLECTORS + answers.size());
        var since = registrations();
        since.entrySet().removeAll(before.entrySet());
        return new Seen(answers, outcome, since);
    }

    /**
     * What becomes of a load. One server is killed under it, and starts again once the others have stored something of every
     * collector.
     */
    private Outcome outlivesAServer(String address, int port, String mode) throws Exception {
        var before = servers.rows();
        var tls = new NetClientOptions()
                .setLocalAddress(address)
                .setSsl(true)
                .setHostnameVerificationAlgorithm("HTTPS")
                .setTrustOptions(new PemTrustOptions().addCertPath(authority.toString()));
        try (var tunnel = new Balancer(port, tls);
                var load = load(tunnel.port(), mode)) {
            Awaitility.await("every server has a part of it").atMost(SECONDS).until(() -> grown(before) == 3);
            servers.killLast();
            var marks = marks();
            Awaitility.await("the others take over its part").atMost(SECONDS).until(() -> moved(marks) == COLLECTORS);
            servers.lastComesBack();
            var outcome = load.outcome(Duration.ofSeconds(60));
            assertTrue(load.rowsAcked() > 0, load::said);
            return outcome;
        }
    }

    /** How far each collector's batches are stored. */
    private Map<String, Long> marks() throws Exception {
        return counted("SELECT collector_id, max(mark) FROM ledger GROUP BY 1");
    }

    private Map<String, Long> counted(String sql) throws Exception {
        var found = new HashMap<String, Long>();
        try (var connection = servers.first().database();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.put(rows.getString(1), rows.getLong(2));
            }
        }
        return found;
    }

    private long moved(Map<String, Long> before) throws Exception {
        return marks().entrySet().stream()
                .filter(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L))
                .count();
    }

    private long grown(List<Double> before) throws Exception {
        var rows = servers.rows();
        long grown = 0;
        for (int index = 0; index < rows.size(); index++) {
            grown += rows.get(index) > before.get(index) ? 1 : 0;
        }
        return grown;
    }

    private VerifiedLoad load(int port, String mode) throws Exception {
        return VerifiedLoad.start(
                servers.first().data(),
                Map.of(),
                "--server=127.0.0.1:" + port,
                "--registration-secret=" + ThreeServers.SECRET,
                "--collectors=" + COLLECTORS,
                "--duration=16",
                "--mode=" + mode);
    }

    private Map<String, Long> registrations() throws Exception {
        return counted("SELECT address, count(*) FROM audit_event WHERE action = 'collector.register' GROUP BY 1");
    }

    private static long number(Map<String, Long> registrations) {
        return registrations.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Registers over HTTPS, in the version of HTTP of this flag of curl's. @return the status and the version */
    private String registers(int port, String flag, String address) throws Exception {
        return curl(
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

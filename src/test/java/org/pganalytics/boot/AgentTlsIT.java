package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.collector.Agent;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.tls.TestAuthority;

/** An agent and a real server that speak TLS by an authority of their own: over TCP, over HTTP, from one to the other. */
class AgentTlsIT {
    private static final String SECRET = "a secret behind TLS";

    @TempDir
    static Path certificates;

    @TempDir
    Path state;

    private static TestAuthority ours;
    private static TestAuthority another;
    private static Program server;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        ours = TestAuthority.make(certificates, "ours");
        another = TestAuthority.make(Files.createDirectory(certificates.resolve("another")), "another");
        var certificate = ours.certify("127.0.0.1");
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", SECRET,
                "PGANALYTICS_TCP_TLS_MODE", "on",
                "PGANALYTICS_TCP_TLS_CERTIFICATE", certificate.certificate().toString(),
                "PGANALYTICS_TCP_TLS_KEY", certificate.key().toString(),
                "PGANALYTICS_HTTP_TLS_MODE", "on",
                "PGANALYTICS_HTTP_TLS_CERTIFICATE", certificate.certificate().toString(),
                "PGANALYTICS_HTTP_TLS_KEY", certificate.key().toString());
        server =
                Program.start(Program.folder("agent-tls"), environment, "serve").untilReady();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() throws Exception {
        if (vertx != null) {
            Await.result(vertx.close(), Duration.ofSeconds(20), "the end");
        }
        server.close();
    }

    /** @param servers as they stand in collector.conf */
    private Agent agent(String servers, String more) {
        var config = CollectorConfigFile.of("""
                name = "%s", state.dir = "%s", registration.secret = "%s", servers = [ %s ]
                link { retry-first = 50ms, retry-max = 200ms, connect-timeout = 2s }, targets = [], %s
                """.formatted(state.getFileName(), state, SECRET, servers, more));
        return new Agent(config, List.of(), new SimpleMeterRegistry(), "test");
    }

    private static String server(String host, String door, TestAuthority trusted, boolean verifyHost) {
        return "{ host = \"%s\", tcp-port = %d, http-port = %d, tls = true, certificates = \"%s\", verify-host = %s }"
                .formatted(
                        host,
                        door.equals("tcp") ? server.port("tcp") : 0,
                        door.equals("http") ? server.port("http") : 0,
                        trusted.certificate(),
                        verifyHost);
    }

    private static String deploy(Agent agent) {
        return Await.result(vertx.deployVerticle(agent), Duration.ofSeconds(20), "the agent");
    }

    private static void undeploy(String deployed) {
        Await.result(vertx.undeploy(deployed), Duration.ofSeconds(20), "the agent's end");
    }

    private boolean isRegistered() {
        return Files.exists(state.resolve("token.json"));
    }

    @ParameterizedTest
    @CsvSource({"tcp,127.0.0.1,true", "http,127.0.0.1,true", "tcp,localhost,false", "http,localhost,false"})
    void theRightAuthorityIsTrusted(String door, String host, boolean verifyHost) {
        var agent = agent(server(host, door, ours, verifyHost), "");
        var deployed = deploy(agent);
        Awaitility.await().until(this::isRegistered);
        assertTrue(agent.status().lastEnd().isEmpty(), agent.status()::toString);
        undeploy(deployed);
    }

    @ParameterizedTest
    @CsvSource({"tcp,another,127.0.0.1", "http,another,127.0.0.1", "tcp,ours,localhost", "http,ours,localhost"})
    void anotherAuthorityAndAnotherHostAreRefused(String door, String authority, String host) {
        var trusted = authority.equals("ours") ? ours : another;
        var agent = agent(server(host, door, trusted, true), "");
        var deployed = deploy(agent);
        Awaitility.await().until(() -> agent.status().lastEnd().isPresent());
        assertFalse(isRegistered(), "nothing of the secret was shown");
        assertFalse(agent.status().stopped(), "a certificate may be mended");
        var why = authority.equals("ours") ? "localhost" : "certification path";
        var said = agent.status().lastEnd().orElseThrow();
        assertTrue(said.contains(why), said);
        undeploy(deployed);
    }

    @Test
    void whereTcpIsClosedHttpServesUntilItOpens() {
        int tcp = server.port("tcp");
        var cable = new Plug(vertx, tcp);
        int port = Await.result(cable.pull(), Duration.ofSeconds(5), "a free port");
        var both = "{ host = \"127.0.0.1\", tcp-port = %d, http-port = %d, tls = true, certificates = \"%s\" }"
                .formatted(port, server.port("http"), ours.certificate());
        var agent = agent(both, "prefer-first-after = 2s");
        var deployed = deploy(agent);
        Awaitility.await().until(this::isRegistered);
        Awaitility.await().until(() -> isAt(agent, "https://"));
        Await.result(cable.in(), Duration.ofSeconds(5), "the port");
        Awaitility.await().until(() -> isAt(agent, "tcp://"));
        assertTrue(agent.status().lastEnd().isPresent(), "it left HTTP by itself");
        undeploy(deployed);
        Await.result(cable.pull(), Duration.ofSeconds(5), "the end");
    }

    private static boolean isAt(Agent agent, String scheme) {
        return agent.status().server().filter(at -> at.startsWith(scheme)).isPresent();
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.collector.Agent;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.tls.TestAuthority;
import org.pganalytics.tls.TestCertificate;

/** Agents before a real server that lets nobody in without a certificate, and gives one to whom it knows. */
class MutualTlsIT {
    private static final Duration LIFETIME = Duration.ofSeconds(10);

    @TempDir
    static Path certificates;

    @TempDir
    Path state;

    private static MutualTlsServer house;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        house = MutualTlsServer.start(certificates, LIFETIME);
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() throws Exception {
        if (vertx != null) {
            Await.result(vertx.close(), Duration.ofSeconds(20), "the end");
        }
        house.server().close();
    }

    private Agent agent(String name, String doors, String more) {
        var config = CollectorConfigFile.of("""
                name = "%s", state.dir = "%s", registration.secret = "%s", servers = [
                  { host = "127.0.0.1", %s, tls = true, certificates = "%s" }
                ], link { retry-first = 50ms, retry-max = 200ms, connect-timeout = 10s }, targets = [], %s
                """.formatted(
                        name,
                        state.resolve(name),
                        MutualTlsServer.SECRET,
                        doors,
                        house.listeners().certificate(),
                        more));
        return new Agent(config, List.of(), new SimpleMeterRegistry(), "test");
    }

    private static String deploy(Agent agent) {
        return Await.result(vertx.deployVerticle(agent), Duration.ofSeconds(20), "the agent");
    }

    private static void undeploy(String deployed) {
        Await.result(vertx.undeploy(deployed), Duration.ofSeconds(20), "the agent's end");
    }

    private Path file(String name) {
        return state.resolve(name).resolve("certificate.json");
    }

    private JsonObject kept(String name) throws Exception {
        return new JsonObject(Files.readString(file(name)));
    }

    /** By way of its session in the audit. */
    private static void awaitLetIn(String name) {
        Awaitility.await(name).atMost(Duration.ofSeconds(60)).until(() -> house.sessions(name) > 0);
    }

    @Test
    void anAgentGetsItsCertificateAndRenewsItBeforeItEnds() throws Exception {
        var agents =
                Map.of("over-tcp", house.doors(true), "over-http", house.doors(false), "only-tcp", house.tcpAlone());
        var deployed = new ArrayList<String>();
        var first = new HashMap<String, JsonObject>();
        for (var each : agents.entrySet()) {
            var agent = agent(each.getKey(), each.getValue(), "");
            deployed.add(deploy(agent));
            awaitLetIn(each.getKey());
            assertTrue(agent.status().lastEnd().isEmpty(), agent.status()::toString);
            first.put(each.getKey(), kept(each.getKey()));
            var file = file(each.getKey());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        for (var name : agents.keySet()) {
            var before = first.get(name);
            Awaitility.await(name)
                    .atMost(LIFETIME)
                    .until(() -> !kept(name).getString("certificate").equals(before.getString("certificate")));
            assertNotEquals(before.getString("key"), kept(name).getString("key"), "a key lives no longer either");
        }
        deployed.forEach(MutualTlsIT::undeploy);
        comeAgainWhenTheFirstAreOver(agents, first);
    }

    /** What is shown then is what was renewed. */
    private void comeAgainWhenTheFirstAreOver(Map<String, String> agents, Map<String, JsonObject> first)
            throws Exception {
        long over = first.values().stream()
                .mapToLong(kept -> kept.getLong("obtained_at_ms") + LIFETIME.toMillis())
                .max()
                .orElseThrow();
        Thread.sleep(Math.max(0, over - System.currentTimeMillis()) + 500);
        for (var each : agents.entrySet()) {
            long before = house.sessions(each.getKey());
            // What a kill -9 in the middle of a renewal leaves behind.
            Files.writeString(file(each.getKey()).resolveSibling("certificate.json.new"), "{\"certifica");
            var deployed = deploy(agent(each.getKey(), each.getValue(), ""));
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> house.sessions(each.getKey()) > before);
            undeploy(deployed);
        }
    }

    @Test
    void aBrokenFileIsReplaced() throws Exception {
        var deployed = deploy(agent("broken", house.doors(true), ""));
        awaitLetIn("broken");
        undeploy(deployed);
        Files.writeString(file("broken"), "{\"certifica");
        long before = house.sessions("broken");
        deployed = deploy(agent("broken", house.doors(true), ""));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> house.sessions("broken") > before);
        assertTrue(kept("broken").containsKey("certificate"));
        undeploy(deployed);
    }

    private static String files(TestCertificate pair) {
        return "certificate { from = files, file = \"%s\", key = \"%s\" }".formatted(pair.certificate(), pair.key());
    }

    private static void assertRefused(Agent agent, String why) {
        Awaitility.await(why)
                .atMost(Duration.ofSeconds(60))
                .until(() -> agent.status().lastEnd().orElse("").contains(why));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutACertificateNobodyIsLetInButMayRegister(boolean tcp) throws Exception {
        var name = "bare-" + tcp;
        var deployed = agent(name, house.doors(tcp), "certificate.from = none");
        var id = deploy(deployed);
        assertRefused(deployed, "CERTIFICATE_REFUSED: no certificate of the collector was shown");
        assertEquals(1, house.server().number("SELECT count(*) FROM collector WHERE name = '%s'".formatted(name)));
        assertEquals(0, house.sessions(name));
        assertFalse(deployed.status().stopped(), "it may get one yet");
        undeploy(id);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void somebodyElsesCertificateIsRefusedWithMyToken(boolean tcp) throws Exception {
        var owner = agent("owner-" + tcp, house.doors(tcp), "");
        var owns = deploy(owner);
        awaitLetIn("owner-" + tcp);
        var stolen = new TestCertificate(
                Files.writeString(
                        state.resolve("stolen.crt"), kept("owner-" + tcp).getString("certificate")),
                Files.writeString(
                        state.resolve("stolen.key"), kept("owner-" + tcp).getString("key")));
        var thief = agent("thief-" + tcp, house.doors(tcp), files(stolen));
        var steals = deploy(thief);
        assertRefused(thief, "CERTIFICATE_REFUSED: the certificate that was shown is another collector's");
        assertEquals(0, house.sessions("thief-" + tcp));
        Awaitility.await("the audit names whose token came with it")
                .until(() -> house.audited("certificate.refuse", "thief-" + tcp) > 0);
        undeploy(steals);
        undeploy(owns);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOperatorsOwnAuthorityNamesTheCollectorByItsName(boolean tcp) throws Exception {
        var name = "named-" + tcp;
        var own = agent(name, house.doors(tcp), files(house.operators().certify(name)));
        var deployed = deploy(own);
        awaitLetIn(name);
        undeploy(deployed);
        var other =
                agent("other-" + tcp, house.doors(tcp), files(house.operators().certify(name)));
        deployed = deploy(other);
        assertRefused(other, "is another collector's than the token");
        undeploy(deployed);
    }

    @Test
    void aStrangersCertificateIsRefusedWithAReason() throws Exception {
        var token = house.token("curl");
        var stranger = TestAuthority.make(Files.createDirectory(state.resolve("stranger")), "stranger")
                .certify("curl");
        var refused = house.position(token, stranger);
        assertTrue(refused.text().contains("is by no authority that is trusted here"), refused::text);
        assertEquals(403, refused.status());
        var taken = house.position(token, house.operators().certify("curl"));
        assertEquals(200, taken.status(), taken::text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "http", "management"})
    void noListenerSpeaksWhatIsOld(String door) throws Exception {
        int port = house.server().port(door);
        assertEquals("TLSv1.3", house.agreed(port));
        assertEquals("TLSv1.2", house.agreed(port, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"));
        assertEquals("", house.agreed(port, "-tls1_1", "-cipher", "ALL@SECLEVEL=0"));
        assertEquals("", house.agreed(port, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA@SECLEVEL=0"));
        assertEquals("", house.agreed(port, "-tls1_2", "-cipher", "AES128-SHA:AES128-GCM-SHA256@SECLEVEL=0"));
    }

    @Test
    void sighupShowsANewCertificateOnEveryListenerAndDropsNobody() throws Exception {
        var agent = agent("staying", house.doors(true), "");
        var deployed = deploy(agent);
        awaitLetIn("staying");
        var doors = List.of("tcp", "http", "management");
        for (var door : doors) {
            assertEquals(house.serial(), house.shown(door), door);
        }
        house.exchange();
        house.server().signal("HUP");
        for (var door : doors) {
            Awaitility.await(door)
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> house.serial().equals(house.shown(door)));
        }
        assertEquals(1, house.sessions("staying"), "the session before lives on");
        assertTrue(agent.status().lastEnd().isEmpty(), agent.status()::toString);
        undeploy(deployed);
    }
}

package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.fleet.ConfigReport;
import org.pganalytics.wire.Frame;

/** Collectors ask for their configuration over TCP. */
class ConfigTalkTest {
    private final UUID collector = UUID.randomUUID();

    private static Frame.ConfigRequest request(String running, String refused) {
        return new Frame.ConfigRequest(running, refused, "a note", Set.of("env=prod"));
    }

    @Test
    void theDocumentComesOnceAndIsNotSentAgainToWhoHasOrRefusedIt() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            client.write(request("", ""));
            assertEquals(new Frame.Config("", Optional.empty()), client.expect(Frame.Config.class));

            tcp.house.configs.tag = "base@1";
            tcp.house.configs.document = "{\"skip\":[]}";
            client.write(request("", ""));
            assertEquals(new Frame.Config("base@1", Optional.of("{\"skip\":[]}")), client.expect(Frame.Config.class));
            client.write(request("base@1", ""));
            assertEquals(new Frame.Config("base@1", Optional.empty()), client.expect(Frame.Config.class));
            client.write(request("base@0", "base@1"));
            assertEquals(new Frame.Config("base@1", Optional.empty()), client.expect(Frame.Config.class));

            assertEquals(
                    new ConfigReport("base@0", "base@1", "a note", Set.of("env=prod")),
                    tcp.house.configs.reports.get(3));
        }
    }

    @Test
    void aFloodCostsOneQuestionAtATimeAndTheLastRequestCounts() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var gate = Promise.<Void>promise();
            tcp.house.configs.gate = gate;
            tcp.house.configs.tag = "base@1";
            var client = tcp.session(collector);
            for (int n = 0; n < 5_000; n++) {
                client.write(request("n-" + n, ""));
            }
            client.write(new Frame.Ping(7));
            client.expect(Frame.Pong.class);
            assertEquals(1, tcp.house.configs.reports.size());

            tcp.house.configs.gate = null;
            gate.complete();
            client.expect(Frame.Config.class);
            client.expect(Frame.Config.class);
            assertEquals(2, tcp.house.configs.reports.size());
            assertEquals("n-4999", tcp.house.configs.reports.get(1).running());
            assertNull(client.poll(300));
        }
    }

    @Test
    void withoutAnAnswerTheSessionGoesOn() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            tcp.house.configs.failure = Fault.STORE_DOWN.because("away");
            var client = tcp.session(collector);
            client.write(request("", ""));
            client.write(new Frame.Ping(1));
            client.expect(Frame.Pong.class);
            assertNull(client.poll(200));

            tcp.house.configs.failure = null;
            client.write(request("", ""));
            client.expect(Frame.Config.class);
        }
    }

    @Test
    void whoIsConnectedIsToldOfAChangeAndNobodyElse() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            var other = tcp.session(UUID.randomUUID());
            eventually("both are there", () -> tcp.house.lobby.sessions().size() == 2);
            tcp.house.lobby.sessions().configChanged(collector, Duration.ofMillis(1_500));
            tcp.house.lobby.sessions().configChanged(UUID.randomUUID(), Duration.ZERO);

            assertEquals(new Frame.ConfigChanged(1_500), client.expect(Frame.ConfigChanged.class));
            assertNull(other.poll(200));
        }
    }

    @Test
    void beforeWelcomeNobodyIsAnswered() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            client.write(org.pganalytics.wire.Preface.ours().encode());
            client.write(request("", ""));
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
            assertTrue(tcp.house.configs.reports.isEmpty());
        }
    }
}

package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame;

/** A link and its sender against a server on a real socket, with accidents. */
class TcpLinkTest {
    private static final LinkConfig CONFIG = new LinkConfig(
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofMillis(50),
            Duration.ofMillis(2_000),
            64,
            Duration.ofMillis(5),
            Duration.ofMillis(50));

    private Vertx vertx;
    private FakeServer server;
    private MemorySource source;
    private MemoryCredentials credentials;
    private Sender sender;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
        server = FakeServer.start(vertx);
        source = new MemorySource(200);
        credentials = new MemoryCredentials();
    }

    @AfterEach
    void close() {
        if (sender != null) {
            Waiting.on(vertx.getOrCreateContext().executeBlocking(() -> sender.stop()));
        }
        server.close();
        Waiting.on(vertx.close());
    }

    private void send() {
        var client = vertx.createNetClient();
        var address = SocketAddress.inetSocketAddress(server.port(), "127.0.0.1");
        sender = new Sender(
                vertx,
                List.of(() -> new TcpLink(vertx, client, address, CONFIG, credentials, source, Clock.systemUTC())),
                new BackOff(CONFIG.retryFirst(), CONFIG.retryMax(), new Random(1)),
                Duration.ofMinutes(5),
                end -> {});
        vertx.getOrCreateContext().runOnContext(go -> sender.start());
    }

    private void allIsSettledOnce() {
        Waiting.until(() -> source.settled == 200);
        assertEquals(200, server.stored.size());
    }

    @Test
    void aCollectorRegistersOnceAndSendsAll() {
        send();
        allIsSettledOnce();
        assertEquals(200, server.batches().size(), "nothing was sent twice");
        assertEquals(
                1, server.seen.stream().filter(Frame.Register.class::isInstance).count());
        assertEquals(
                1, server.seen.stream().filter(Frame.Schema.class::isInstance).count());
        assertEquals(1, sender.connects());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 10, 50, 150})
    void aConnectionCutAnywhereLosesNothing(int frames) {
        server.cutAfter = frames;
        send();
        allIsSettledOnce();
        assertTrue(server.batches().size() <= 200 + server.window, "only what was under way is sent again");
        assertEquals(2, server.connections);
    }

    @Test
    void theWindowIsNotExceeded() {
        var before = new AtomicInteger();
        server.window = 3;
        server.script = frame -> frame instanceof Frame.BatchFrame && before.incrementAndGet() <= 3 ? List.of() : null;
        send();
        Waiting.until(() -> before.get() == 3);
        Waiting.until(
                () -> server.seen.stream().filter(Frame.Ping.class::isInstance).count() > 3);
        assertEquals(3, server.batches().size());
    }

    @Test
    void aGapIsFilledFromTheExpectedNumberOn() {
        var dropped = new AtomicInteger();
        server.script = frame -> frame instanceof Frame.BatchFrame batch
                        && batch.header().position().sequence() == 50
                        && dropped.incrementAndGet() == 1
                ? List.of()
                : null;
        send();
        allIsSettledOnce();
        assertTrue(source.refusals.contains(Fault.POSITION_GAP));
        assertEquals(1, sender.connects());
    }

    @Test
    void aRefusalForNowIsWaitedOut() {
        var refused = new AtomicInteger();
        server.script = frame -> frame instanceof Frame.BatchFrame batch
                        && batch.header().position().sequence() >= 20
                        && refused.get() < 1
                        && refused.incrementAndGet() == 1
                ? List.of(new Frame.Nack(1, 20, Fault.STORE_DOWN, 30, 20, "the database is away"))
                : null;
        send();
        allIsSettledOnce();
        assertEquals(List.of(Fault.STORE_DOWN), source.refusals.subList(0, 1));
    }

    @Test
    void aClosedWindowStopsTheSenderUntilItOpens() {
        var stopped = new AtomicInteger();
        server.script = frame -> frame instanceof Frame.BatchFrame batch
                        && batch.header().position().sequence() == 10
                        && stopped.incrementAndGet() == 1
                ? List.of(
                        new Frame.Ack(1, 9, 0),
                        new Frame.Throttle(0, 0),
                        new Frame.Nack(1, 10, Fault.RATE_LIMITED, 10, 10, ""))
                : null;
        send();
        Waiting.until(() -> stopped.get() == 1);
        int pings = pings();
        Waiting.until(() -> pings() > pings + 3);
        assertEquals(9, source.settled);
        server.say(new Frame.Throttle(4, 0));
        allIsSettledOnce();
    }

    private int pings() {
        return (int) server.seen.stream().filter(Frame.Ping.class::isInstance).count();
    }

    @Test
    void aBatchRefusedForGoodIsSettledAndTheNextOnesGoOn() {
        server.script = frame -> {
            if (frame instanceof Frame.BatchFrame batch
                    && batch.header().position().sequence() == 7
                    && server.mark() == 6) {
                server.marks.put(1, 7L);
                server.stored.put("1:7", batch.header().digest());
                return List.of(new Frame.Nack(1, 7, Fault.BAD_DATA, 0, 8, "never"));
            }
            return null;
        };
        send();
        allIsSettledOnce();
        assertEquals(List.of(Fault.BAD_DATA), source.refusals);
    }

    @Test
    void theTokenIsRenewedWithinTheSession() {
        server.tokenLifetimeMillis = 600;
        source = new MemorySource(0);
        send();
        Waiting.until(() -> credentials
                .grant
                .filter(grant -> grant.refreshSecret().equals("refresh-next"))
                .isPresent());
        assertEquals(1, server.connections);
    }

    @Test
    void anOldTokenIsRenewedAndNotTheCollectorRegisteredAgain() {
        credentials.grant = java.util.Optional.of(
                new Grant(java.util.UUID.randomUUID(), "token-0", "refresh", System.currentTimeMillis(), 3_600_000));
        var collector = credentials.grant.get().collector();
        send();
        allIsSettledOnce();
        assertEquals(collector, credentials.grant.get().collector());
        assertEquals(
                0, server.seen.stream().filter(Frame.Register.class::isInstance).count());
    }

    @Test
    void anUnknownCollectorRegistersAgainOnlyWithASecret() {
        var first = new AtomicInteger();
        server.script = frame -> frame instanceof Frame.Hello && first.incrementAndGet() == 1
                ? List.of(new Frame.GoAway(Fault.COLLECTOR_UNKNOWN, 0, "not here"))
                : null;
        send();
        allIsSettledOnce();
        assertEquals(
                2, server.seen.stream().filter(Frame.Register.class::isInstance).count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"REVOKED", "POSITION_CONFLICT"})
    void whatAPersonMustMendStopsTheSender(String fault) {
        server.script =
                frame -> frame instanceof Frame.Hello ? List.of(new Frame.GoAway(Fault.valueOf(fault), 0, "no")) : null;
        send();
        Waiting.until(() -> sender.isStopped());
        assertEquals(1, server.connections);
        assertTrue(sender.lastEnd().orElseThrow().detail().contains(fault));
        assertFalse(credentials.grant.isEmpty());
    }

    @Test
    void anInstanceThatWasFollowedByAnotherBeginsAnew() {
        var first = new AtomicInteger();
        server.script = frame -> frame instanceof Frame.Hello && first.incrementAndGet() == 1
                ? List.of(new Frame.GoAway(Fault.EPOCH_OLD, 0, "another came"))
                : null;
        send();
        allIsSettledOnce();
        assertEquals(1, source.superseded);
    }

    @Test
    void aServerThatSaysNothingIsLeft() {
        server.script = frame -> List.of();
        send();
        Waiting.until(() -> server.connections >= 2);
    }
}

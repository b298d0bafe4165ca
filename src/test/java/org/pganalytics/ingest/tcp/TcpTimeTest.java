package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

/** Handshakes, silence, turns, renewals and the end of the server. */
class TcpTimeTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private final UUID collector = UUID.randomUUID();

    @Test
    void whoDoesNotIntroduceItselfInTimeIsClosed() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(LONG, Duration.ofMillis(200), 16))) {
            var silent = tcp.connect();
            var polite = tcp.connect();
            polite.write(Preface.ours().encode());
            assertEquals(
                    Fault.HANDSHAKE_TIMEOUT, polite.expect(Frame.GoAway.class).fault());
            silent.expectClosed();
            eventually("no place is taken", () -> tcp.slots.used() == 0);
        }
    }

    @Test
    void aSilentSessionIsAskedAndThenClosed() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(Duration.ofSeconds(1), LONG, 16))) {
            var client = tcp.session(collector);
            client.expect(Frame.Ping.class);
            assertEquals(Fault.IDLE_TIMEOUT, client.expect(Frame.GoAway.class).fault());
            client.expectClosed();
        }
    }

    @Test
    void aSessionThatAnswersPingsStaysAndKeepsItsLease() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(Duration.ofSeconds(1), LONG, 16))) {
            tcp.house.store.lease = Duration.ofMillis(600);
            var client = tcp.session(collector);
            for (int round = 0; round < 3; round++) {
                client.write(new Frame.Pong(client.expect(Frame.Ping.class).nonce()));
            }
            assertTrue(tcp.house.store.renewals >= 3, "renewed %d times".formatted(tcp.house.store.renewals));
            assertFalse(client.closed.isDone());
        }
    }

    @Test
    void aFrameThatTricklesInIsNotWaitedForForEver() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(Duration.ofSeconds(1), LONG, 16))) {
            var client = tcp.session(collector);
            var bytes = NativeClient.CODEC.encode(SomeBatches.batch(1, 1, 100));
            for (int at = 0; at < bytes.length() && !client.closed.isDone() && at < 100; at++) {
                client.write(bytes.getBuffer(at, at + 1));
                Thread.sleep(50);
            }
            assertTrue(client.closed.isDone());
            assertEquals(0, tcp.house.store.accepts);
            eventually("nothing is held", () -> tcp.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void aNewConnectionOfTheSameInstanceClosesTheOlder() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var older = tcp.session(collector);
            var newer = tcp.session(collector);
            assertEquals(
                    Fault.SESSION_REPLACED, older.expect(Frame.GoAway.class).fault());
            older.expectClosed();
            newer.write(SomeBatches.batch(1, 1, 1));
            newer.expectAcks(1);
            assertEquals(1, tcp.house.lobby.sessions().size());
        }
    }

    @Test
    void aSessionTakenOverOnAnotherServerEnds() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(Duration.ofSeconds(1), LONG, 16))) {
            tcp.house.store.lease = Duration.ofMillis(300);
            var client = tcp.session(collector);
            tcp.house.store.takeOver(collector);
            assertEquals(
                    Fault.SESSION_REPLACED, client.expect(Frame.GoAway.class).fault());
        }
    }

    @Test
    void aRevokedCollectorsSessionEndsAtOnce() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            var other = tcp.session(UUID.randomUUID());
            tcp.house.lobby.sessions().revoked(collector);
            assertEquals(Fault.REVOKED, client.expect(Frame.GoAway.class).fault());
            client.expectClosed();
            other.write(SomeBatches.batch(1, 1, 1));
            other.expectAcks(1);
        }
    }

    @Test
    void anotherInstanceIsToldWhenToComeAgain() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            tcp.house.store.openFails = java.util.Optional.of(
                    Fault.INSTANCE_LEASED.because("leased").retryAfter(Duration.ofMillis(1_234)));
            var client = tcp.connect();
            client.write(Preface.ours().encode());
            client.hello(collector, collector);
            var away = client.expect(Frame.GoAway.class);
            assertEquals(Fault.INSTANCE_LEASED, away.fault());
            assertEquals(1_234, away.retryAfterMillis());
        }
    }

    @Test
    void aTokenIsRenewedWithinTheSessionAlsoWhenTheFirstTryFails() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            tcp.house.doorkeeper.refreshFailsOnce =
                    Fault.STORE_DOWN.because("away").retryAfter(Duration.ofMillis(50));
            client.write(new Frame.Token(collector, "refresh-0"));
            client.write(new Frame.Ping(5));
            assertEquals(5, client.expect(Frame.Pong.class).nonce());
            assertEquals("refresh-1", client.expect(Frame.TokenGranted.class).refreshSecret());
            client.write(new Frame.Token(collector, "stolen"));
            assertEquals(
                    Fault.UNAUTHENTICATED, client.expect(Frame.GoAway.class).fault());
        }
    }

    @Test
    void theLimitOfConnectionsHoldsPerAddressAndTrustedOnesAreExempt() throws Exception {
        var untrusting =
                new TcpConfig("127.0.0.1", 0, 100, 3, List.of(), LONG, LONG, 16, 4, 8 << 10, Duration.ofSeconds(5));
        try (var tcp = new TcpFixture(untrusting)) {
            for (int count = 0; count < 3; count++) {
                tcp.connect();
            }
            eventually("three are in", () -> tcp.slots.used() == 3);
            tcp.connect().expectClosed();
            assertEquals(3, tcp.slots.used());
        }
        try (var tcp = new TcpFixture(
                new TcpConfig("127.0.0.1", 0, 5, 3, List.of("127.0.0.0/8"), LONG, LONG, 16, 4, 8 << 10, LONG))) {
            for (int count = 0; count < 5; count++) {
                tcp.connect();
            }
            eventually("five are in", () -> tcp.slots.used() == 5);
            tcp.connect(new NetClientOptions()).expectClosed();
        }
    }

    @Test
    void goingDownListensNoMoreSettlesWhatIsUnderWayAndSaysGoodbye() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            tcp.house.store.holding = true;
            var busy = tcp.session(collector);
            var idle = tcp.session(UUID.randomUUID());
            busy.write(SomeBatches.batch(1, 1, 1));
            eventually("one is under way", () -> tcp.house.store.heldAnswers() == 1);
            Future<Void> down = tcp.house.vertx.undeploy(tcp.deployment);
            idle.expect(Frame.Throttle.class);
            assertEquals(Fault.DRAINING, idle.expect(Frame.GoAway.class).fault());
            assertEquals(0, busy.expect(Frame.Throttle.class).window());
            busy.write(SomeBatches.batch(1, 2, 1));
            Thread.sleep(100);
            assertTrue(tcp.house
                    .vertx
                    .createNetClient()
                    .connect(tcp.port, "127.0.0.1")
                    .transform(result -> Future.succeededFuture(result.failed()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get());
            tcp.house.store.letGo();
            busy.expectAcks(1);
            assertEquals(Fault.DRAINING, busy.expect(Frame.GoAway.class).fault());
            await(down);
            assertEquals(List.of(1L), tcp.house.store.sequences());
            assertEquals(0, tcp.house.lobby.bytes().used());
        }
    }

    @Test
    void whoIsLetGoToAnotherServerHasAllAnsweredFirst() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            tcp.house.store.holding = true;
            var busy = tcp.session(collector);
            busy.write(SomeBatches.batch(1, 1, 1));
            eventually("one is under way", () -> tcp.house.store.heldAnswers() == 1);
            assertEquals(1, tcp.house.lobby.sessions().held());

            assertEquals(1, tcp.house.lobby.sessions().letGo(5));

            assertEquals(0, busy.expect(Frame.Throttle.class).window());
            tcp.house.store.letGo();
            busy.expectAcks(1);
            var away = busy.expect(Frame.GoAway.class);
            assertEquals(Fault.DRAINING, away.fault());
            assertEquals("another server has fewer collectors", away.detail());
            eventually("it is gone", () -> tcp.house.lobby.sessions().held() == 0);
        }
    }

    @Test
    void goingDownDoesNotWaitForEver() throws Exception {
        var config =
                new TcpConfig("127.0.0.1", 0, 100, 3, List.of(), LONG, LONG, 16, 4, 8 << 10, Duration.ofMillis(300));
        try (var tcp = new TcpFixture(config)) {
            tcp.house.store.holding = true;
            var client = tcp.session(collector);
            client.write(SomeBatches.batch(1, 1, 1));
            eventually("one is under way", () -> tcp.house.store.heldAnswers() == 1);
            long began = System.nanoTime();
            await(tcp.house.vertx.undeploy(tcp.deployment));
            assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos());
            client.expectClosed();
            tcp.house.store.letGo();
        }
    }

    @Test
    void whoIsLetGoDoesNotWaitForEverForAnAnswer() throws Exception {
        var config =
                new TcpConfig("127.0.0.1", 0, 100, 3, List.of(), LONG, LONG, 16, 4, 8 << 10, Duration.ofMillis(300));
        try (var tcp = new TcpFixture(config)) {
            tcp.house.store.holding = true;
            var client = tcp.session(collector);
            client.write(SomeBatches.batch(1, 1, 1));
            eventually("one is under way", () -> tcp.house.store.heldAnswers() == 1);

            tcp.house.lobby.sessions().letGo(1);

            client.expect(Frame.Throttle.class);
            assertEquals(Fault.DRAINING, client.expect(Frame.GoAway.class).fault());
            eventually("it is gone", () -> tcp.house.lobby.sessions().held() == 0);
            tcp.house.store.letGo();
        }
    }

    @Test
    void fiveThousandIdleConnectionsAreHeldAndTheServerStillAnswers() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(LONG, LONG, 16))) {
            System.gc();
            long before = used();
            var half = Preface.ours().encode().getBuffer(0, 5);
            var first = tcp.connect();
            first.write(Buffer.buffer().appendBuffer(half));
            for (int count = 1; count < 5_000; count++) {
                tcp.another(first).write(Buffer.buffer().appendBuffer(half));
            }
            eventually("all are in", () -> tcp.slots.used() == 5_000);
            var client = tcp.session(collector);
            client.write(SomeBatches.batch(1, 1, 1));
            client.expectAcks(1);
            System.gc();
            long mib = (used() - before) >> 20;
            assertTrue(mib < 512, "5,000 connections, both ends of them, take " + mib + " MiB");
        }
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}

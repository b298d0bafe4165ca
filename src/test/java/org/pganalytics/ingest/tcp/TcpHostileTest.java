package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

/** What a peer that is broken or means harm gets: a reason, a closed connection, and no memory of ours. */
class TcpHostileTest {
    private final UUID collector = UUID.randomUUID();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "PGAN\u0000\u0001\u0000\u0000",
                "PGAN\u0002\u0001\u0000\u0000",
                "\u0016\u0003\u0001\u0002\u0000" + "12345678"
            })
    void aPeerThatBeginsLikeNoCollectorIsClosedWithoutAWord(String first) throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            client.write(Buffer.buffer(first, "ISO-8859-1"));
            client.expectClosed();

            assertEquals(0, client.prefaceAnswer().length());
            eventually("it is counted", () -> strangers(tcp).equals(List.of(Fault.BAD_FRAME)));
            eventually("its place is free", () -> tcp.slots.used() == 0);
        }
    }

    private static List<Fault> strangers(TcpFixture tcp) {
        return tcp.house.events.stream()
                .filter(Event.StrangerRefused.class::isInstance)
                .map(event -> ((Event.StrangerRefused) event).fault())
                .toList();
    }

    @Test
    void aClientOfALaterVersionLearnsThatThereIsNoneInCommon() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            client.write(new Preface(2, 9).encode());
            client.expectClosed();
            assertEquals(Preface.NO_VERSION, Preface.parseAnswer(client.prefaceAnswer()));
        }
    }

    static Stream<Frame> framesOutOfPlace() {
        return Stream.of(
                SomeBatches.batch(1, 1, 1),
                new Frame.Schema(SomeBatches.SCHEMA),
                new Frame.Ack(1, 1, 1),
                new Frame.Nack(1, 1, Fault.INTERNAL, 0, 1, ""),
                new Frame.Throttle(1, 0),
                new Frame.Pong(1),
                new Frame.Welcome(UUID.randomUUID(), 1, 0, 1, 1, 1, 1, 1),
                new Frame.Registered(UUID.randomUUID(), "t", "r", 1),
                new Frame.TokenGranted("t", "r", 1),
                new Frame.Certified("c", 1));
    }

    @ParameterizedTest
    @MethodSource("framesOutOfPlace")
    void aFrameOutOfPlaceEndsTheHandshake(Frame frame) throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            client.write(Preface.ours().encode());
            client.write(frame);
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
            client.expectClosed();
            assertEquals(0, tcp.house.store.accepts);
        }
    }

    static Stream<Frame> framesOfAServer() {
        return framesOutOfPlace()
                .filter(frame -> frame.getClass() != Frame.BatchFrame.class
                        && frame.getClass() != Frame.Schema.class
                        && frame.getClass() != Frame.Pong.class);
    }

    @ParameterizedTest
    @MethodSource("framesOfAServer")
    void aFrameOfAServerEndsTheSession(Frame frame) throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            client.write(frame);
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
            client.expectClosed();
            eventually("the turn is given back", () -> tcp.house.store.releases == 1);
            eventually("no session is left", () -> tcp.house.lobby.sessions().size() == 0);
        }
    }

    @Test
    void everyFlippedBitEndsTheConnectionAndNothingIsStored() throws Exception {
        var random = new Random(7);
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var bytes = NativeClient.CODEC.encode(SomeBatches.batch(1, 1, 5));
            for (int attempt = 0; attempt < 60; attempt++) {
                var client = tcp.session(collector);
                int bit = random.nextInt((bytes.length() - 4) * 8) + 32;
                var flipped = bytes.copy();
                flipped.setByte(bit / 8, (byte) (flipped.getByte(bit / 8) ^ 1 << bit % 8));
                client.write(flipped);
                assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
                await(client.socket.close());
            }
            assertEquals(0, tcp.house.store.accepts);
        }
    }

    @Test
    void aFrameBeyondTheLimitIsRefusedBeforeItsBytesArrive() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            client.write(Buffer.buffer()
                    .appendInt(1 << 29)
                    .appendByte((byte) 8)
                    .appendByte((byte) 0)
                    .appendShort((short) 0));
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
        }
    }

    @Test
    void whatFollowsHelloBeforeWelcomeIsRefusedAndTheTurnGivenBack() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            var hello = new Frame.Hello(FakeDoorkeeper.token(collector), "t", collector, Set.of(), 0);
            client.write(Preface.ours()
                    .encode()
                    .appendBuffer(NativeClient.CODEC.encode(hello))
                    .appendBuffer(NativeClient.CODEC.encode(SomeBatches.batch(1, 1, 1))));
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
            eventually("the turn is given back", () -> tcp.house.store.releases == 1);
        }
    }

    @Test
    void wrongTokensWrongSecretsAndRevokedCollectorsAreTurnedAway() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var wrong = tcp.connect();
            wrong.write(Preface.ours().encode());
            wrong.write(new Frame.Hello("eyJhbGciOiJub25lIn0..", "t", collector, Set.of(), 0));
            assertEquals(Fault.UNAUTHENTICATED, wrong.expect(Frame.GoAway.class).fault());
            var secret = tcp.connect();
            secret.write(Preface.ours().encode());
            secret.write(new Frame.Register("let me in please", "n", "1"));
            assertEquals(
                    Fault.UNAUTHENTICATED, secret.expect(Frame.GoAway.class).fault());
            tcp.house.doorkeeper.revoked.put(collector, true);
            var revoked = tcp.connect();
            revoked.write(Preface.ours().encode());
            revoked.hello(collector, collector);
            assertEquals(Fault.REVOKED, revoked.expect(Frame.GoAway.class).fault());
            revoked.expectClosed();
            assertEquals(0, tcp.house.store.accepts);
        }
    }

    @Test
    void aBombIsSetAsideAndHoldsNoMemory() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            var zeros = com.github.luben.zstd.Zstd.compress(new byte[200 << 20]);
            var header = SomeBatches.batch(1, 1, 1).header();
            client.write(new Frame.BatchFrame(header, Buffer.buffer(zeros)));
            assertEquals(Fault.UNDECODABLE, client.expect(Frame.Nack.class).fault());
            client.expectAcks(1);
            eventually("nothing is held", () -> tcp.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void aConnectionDeclaresSoManySchemasAndNoMore() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.window(16))) {
            var client = tcp.session(collector);
            for (int family = 0; family < 4; family++) {
                var column = new Column("c", ColumnType.INT8, ColumnRole.GAUGE);
                client.write(new Frame.Schema(FamilySchema.of("f" + family, List.of(column))));
            }
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
        }
    }

    @Test
    void beyondTheBytesOfTheWholeServerABatchHasToWait() throws Exception {
        var limits = new IngestConfig(16 << 20, 4 << 20, 8 << 20, 1_000, 200_000, 20_000, 256 << 10, 2);
        var window = TcpFixture.with(Duration.ofSeconds(60), Duration.ofSeconds(10), 256);
        try (var tcp = new TcpFixture(window, limits, TlsConfig.off())) {
            tcp.house.store.holding = true;
            var client = tcp.session(collector);
            long bytes = 0;
            int sent = 0;
            while (bytes < 20 << 20) {
                var batch = SomeBatches.batch(1, ++sent, 150_000);
                bytes += batch.body().length() + batch.header().uncompressedBytes();
                client.write(batch);
            }
            var nack = client.expect(Frame.Nack.class);
            assertEquals(Fault.OVERLOADED, nack.fault());
            assertTrue(nack.retryAfterMillis() > 0);
            assertTrue(tcp.house.lobby.bytes().used() <= 16 << 20);
            tcp.house.store.letGo();
            eventually("all is let go", () -> tcp.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void whoGuessesHoldsUpNobodyThereWhoseTokenIsKnown() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            tcp.house.guessedFrom("127.0.0.1");
            var held = tcp.connect();
            held.write(Preface.ours().encode());
            held.hello(collector, UUID.randomUUID());
            assertEquals(Fault.RATE_LIMITED, held.expect(Frame.GoAway.class).fault());
            tcp.house.doorkeeper.known.add(FakeDoorkeeper.token(collector));
            tcp.session(collector);
        }
    }

    @Test
    void aPeerThatNeverReadsSlowsOnlyItselfAndIsClosed() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.with(Duration.ofSeconds(60), Duration.ofSeconds(10), 16))) {
            var deaf = tcp.session(collector);
            var other = tcp.session(UUID.randomUUID());
            deaf.socket.pause();
            var pings = Buffer.buffer();
            for (int nonce = 0; nonce < 50_000; nonce++) {
                pings.appendBuffer(NativeClient.CODEC.encode(new Frame.Ping(nonce)));
            }
            for (int round = 0; round < 40 && tcp.house.lobby.sessions().size() == 2; round++) {
                deaf.write(pings);
                other.write(SomeBatches.batch(1, round + 1, 1));
                other.expectAcks(round + 1);
            }
            eventually("the deaf one is gone", () -> tcp.house.lobby.sessions().size() == 1);
            eventually("and its place is free", () -> tcp.slots.used() == 1);
            assertFalse(other.closed.isDone());
        }
    }
}

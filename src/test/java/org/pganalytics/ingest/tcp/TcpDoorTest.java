package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

/** The way of a batch through a session: in order, within the window, answered once. */
class TcpDoorTest {
    private final UUID collector = UUID.randomUUID();

    @Test
    void aCollectorRegistersEntersAndIsAcknowledged() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            client.write(Preface.ours().encode());
            client.write(new Frame.Register(FakeDoorkeeper.SECRET, "db-host", "1"));
            var registered = client.expect(Frame.Registered.class);
            client.write(new Frame.Hello(registered.token(), "test", UUID.randomUUID(), java.util.Set.of(), 0));
            var welcome = client.expect(Frame.Welcome.class);
            client.write(new Frame.Schema(SomeBatches.SCHEMA));
            client.write(SomeBatches.batch(welcome.epoch(), 1, 10));
            var ack = client.expect(Frame.Ack.class);

            assertEquals(Preface.VERSION, Preface.parseAnswer(client.prefaceAnswer()));
            assertEquals(16, welcome.window());
            assertEquals(0, welcome.mark());
            assertEquals(new Frame.Ack(welcome.epoch(), 1, 16), ack);
            assertEquals(registered.collector(), tcp.house.store.stored.get(0).collector());
            assertEquals(SomeBatches.blocks(1, 10), blocks(tcp));
            eventually("nothing is held", () -> tcp.house.lobby.bytes().used() == 0);
        }
    }

    private static Object blocks(TcpFixture tcp) {
        return ((org.pganalytics.model.BatchContent.Decoded)
                        tcp.house.store.stored.get(0).content())
                .blocks();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 5})
    void fiveThousandBatchesInOneWriteAreStoredOnceAndInOrder(long delayMillis) throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.window(8_192))) {
            tcp.house.store.delayMillis = delayMillis;
            var client = tcp.session(collector);
            var bytes = Buffer.buffer();
            LongStream.rangeClosed(1, 5_000)
                    .forEach(n -> bytes.appendBuffer(NativeClient.CODEC.encode(SomeBatches.batch(1, n, 1))));
            client.write(bytes);
            client.expectAcks(5_000);

            assertEquals(LongStream.rangeClosed(1, 5_000).boxed().toList(), tcp.house.store.sequences());
            assertEquals(5_000, tcp.house.store.accepts, "none is handed on twice");
            eventually("nothing is held", () -> tcp.house.lobby.bytes().used() == 0);
        }
    }

    @Test
    void aSessionSentByteByByteIsTheSame() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect();
            var bytes = Buffer.buffer().appendBuffer(Preface.ours().encode());
            var hello = new Frame.Hello(FakeDoorkeeper.token(collector), "t", collector, java.util.Set.of(), 0);
            bytes.appendBuffer(NativeClient.CODEC.encode(hello));
            trickle(client, bytes);
            client.expect(Frame.Welcome.class);
            trickle(
                    client,
                    NativeClient.CODEC
                            .encode(new Frame.Schema(SomeBatches.SCHEMA))
                            .appendBuffer(NativeClient.CODEC.encode(SomeBatches.batch(1, 1, 3)))
                            .appendBuffer(NativeClient.CODEC.encode(SomeBatches.batch(1, 2, 3))));
            client.expectAcks(2);

            assertEquals(2, tcp.house.store.accepts);
        }
    }

    private static void trickle(NativeClient client, Buffer bytes) throws Exception {
        for (int at = 0; at < bytes.length(); at++) {
            org.pganalytics.ingest.TestHouse.await(client.socket.write(bytes.getBuffer(at, at + 1)));
        }
    }

    @Test
    void aSenderBeyondItsWindowIsRefusedOnceAndGoesBack() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.window(4))) {
            tcp.house.store.holding = true;
            var client = tcp.session(collector);
            var bytes = Buffer.buffer();
            LongStream.rangeClosed(1, 100)
                    .forEach(n -> bytes.appendBuffer(NativeClient.CODEC.encode(SomeBatches.batch(1, n, 1))));
            client.write(bytes);
            var nack = client.expect(Frame.Nack.class);
            assertEquals(Fault.OVERLOADED, nack.fault());
            assertEquals(5, nack.expected());
            assertNull(client.poll(200), "one refusal is enough for 96 batches");
            eventually("four are under way", () -> tcp.house.store.heldAnswers() == 4);
            tcp.house.store.letGo();
            client.expectAcks(4);
            client.write(SomeBatches.batch(1, 5, 1));
            client.expectAcks(5);

            assertEquals(java.util.List.of(1L, 2L, 3L, 4L, 5L), tcp.house.store.sequences());
        }
    }

    @Test
    void aGapIsRefusedOnceNamingTheNumberAndTheRestIsThrownAway() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            client.write(SomeBatches.batch(1, 1, 1));
            client.expectAcks(1);
            LongStream.rangeClosed(3, 6).forEach(n -> client.write(SomeBatches.batch(1, n, 1)));
            var nack = client.expect(Frame.Nack.class);
            assertEquals(Fault.POSITION_GAP, nack.fault());
            assertEquals(2, nack.expected());
            assertNull(client.poll(200));
            LongStream.rangeClosed(2, 6).forEach(n -> client.write(SomeBatches.batch(1, n, 1)));
            client.expectAcks(6);

            assertEquals(LongStream.rangeClosed(1, 6).boxed().toList(), tcp.house.store.sequences());
        }
    }

    @Test
    void aDatabaseThatIsAwayShutsTheWindowAndNothingIsAcknowledged() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            tcp.house.store.holding = true;
            LongStream.rangeClosed(1, 3)
                    .forEach(n -> tcp.house.store.refuseNext(
                            Fault.STORE_DOWN.because("away").retryAfter(Duration.ofMillis(300))));
            LongStream.rangeClosed(1, 3).forEach(n -> client.write(SomeBatches.batch(1, n, 1)));
            eventually("three are under way", () -> tcp.house.store.heldAnswers() == 3);
            tcp.house.store.letGo();
            var nack = client.expect(Frame.Nack.class);
            assertEquals(1, nack.expected());
            assertEquals(300, nack.retryAfterMillis());
            assertEquals(0, client.expect(Frame.Throttle.class).window());
            assertEquals(
                    16, client.expect(Frame.Throttle.class).window(), "opened by itself, and one refusal for three");
            LongStream.rangeClosed(1, 3).forEach(n -> client.write(SomeBatches.batch(1, n, 1)));
            client.expectAcks(3);
        }
    }

    @Test
    void aBadBatchIsSettledWithItsReasonAndTheNextOnesAreStored() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            var good = SomeBatches.batch(1, 1, 5);
            client.write(new Frame.BatchFrame(good.header(), Buffer.buffer("this is no zstd frame")));
            client.write(SomeBatches.batch(1, 2, 5));
            var nack = client.expect(Frame.Nack.class);
            assertEquals(Fault.UNDECODABLE, nack.fault());
            assertEquals(1, nack.sequence());
            client.expectAcks(2);

            assertEquals(1, tcp.house.store.quarantined.size());
            assertEquals(java.util.List.of(2L), tcp.house.store.sequences());
        }
    }

    /** Were its body looked at, it would go into the quarantine. */
    @Test
    void aBatchThatHasNoChanceIsNotDecoded() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            tcp.house.store.full = Optional.of(Fault.OVERLOADED.because("full").retryAfter(Duration.ofMillis(100)));
            var good = SomeBatches.batch(1, 1, 5);
            client.write(new Frame.BatchFrame(good.header(), Buffer.buffer("this is no zstd frame")));
            var nack = client.expect(Frame.Nack.class);
            assertEquals(Fault.OVERLOADED, nack.fault());
            assertEquals(100, nack.retryAfterMillis());
            assertEquals(1, nack.expected());
            assertEquals(0, client.expect(Frame.Throttle.class).window());
            tcp.house.store.full = Optional.empty();
            assertEquals(16, client.expect(Frame.Throttle.class).window());
            client.write(good);
            client.expectAcks(1);

            assertEquals(0, tcp.house.store.quarantined.size());
            assertEquals(java.util.List.of(1L), tcp.house.store.sequences());
            assertEquals(0, tcp.house.lobby.bytes().used());
        }
    }

    @Test
    void whoComesAgainTooEarlyIsToldAgain() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            tcp.house.store.full = Optional.of(Fault.OVERLOADED.because("full").retryAfter(Duration.ofSeconds(20)));
            for (int time = 0; time < 3; time++) {
                client.write(SomeBatches.batch(1, 1, 5));
                var nack = client.expect(Frame.Nack.class);
                assertEquals(1, nack.expected());
                assertTrue(nack.retryAfterMillis() > 15_000);
                assertEquals(0, client.expect(Frame.Throttle.class).window());
            }
        }
    }

    @Test
    void aResentBatchIsAcknowledgedAndNotStoredTwice() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            client.write(SomeBatches.batch(1, 1, 5));
            client.expectAcks(1);
            client.write(SomeBatches.batch(1, 1, 5));
            client.expectAcks(1);
            assertEquals(java.util.List.of(1L), tcp.house.store.sequences());

            client.write(SomeBatches.batch(1, 1, 6));
            assertEquals(
                    Fault.POSITION_CONFLICT, client.expect(Frame.Nack.class).fault());
            assertEquals(
                    Fault.POSITION_CONFLICT, client.expect(Frame.GoAway.class).fault());
            client.expectClosed();
        }
    }

    @Test
    void aDeclaredLossMovesTheMark() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.session(collector);
            client.write(SomeBatches.batch(new BatchPosition(1, 9, 1), 1));
            client.expectAcks(9);
            assertTrue(tcp.house.store.sequences().contains(9L));
        }
    }
}

package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Frames, however their bytes arrive, and whatever is done to them. */
class FrameTest {
    private final FrameCodec codec = new FrameCodec(1 << 20);

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/wire/frames.csv", numLinesToSkip = 1, maxCharsPerColumn = 1 << 20)
    void everyTruncationAndEveryFlippedBitIsABadFrame(String name) {
        var bytes = codec.encode(VectorFrames.named(name)).getBytes();
        for (int end = 1; end < bytes.length; end++) {
            refused(Buffer.buffer(bytes).slice(0, end));
        }
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            refused(Buffer.buffer(bytes));
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Property(tries = 2000)
    void randomBytesLetNoOtherExceptionOut(@ForAll byte[] bytes) {
        var reader = new FrameReader(codec);
        reader.add(Buffer.buffer(bytes));
        try {
            while (reader.next().isPresent()) {
                assertTrue(reader.heldBytes() < bytes.length);
            }
        } catch (FaultException refusal) {
            assertEquals(Fault.BAD_FRAME, refusal.fault());
        }
    }

    /** A good checksum around bad contents: what a hostile sender can always make. */
    @Property(tries = 2000)
    void randomPayloadsLetNoOtherExceptionOut(@ForAll @IntRange(max = 255) int type, @ForAll byte[] payload) {
        var frame = Buffer.buffer()
                .appendInt(payload.length)
                .appendByte((byte) type)
                .appendByte((byte) 0)
                .appendShort((short) 0)
                .appendBytes(payload);
        frame.appendInt(Checksum.of(frame, 0, frame.length()));
        var reader = new FrameReader(codec);
        reader.add(frame);
        if (type >= 0x80) {
            assertEquals(Optional.empty(), reader.next());
            reader.finish();
        } else {
            assertEquals(
                    Fault.BAD_FRAME,
                    assertThrows(FaultException.class, reader::next).fault());
        }
    }

    @Property(tries = 200)
    void framesComeOutTheSameHoweverTheyAreCut(@ForAll long seed, @ForAll @IntRange(min = 1, max = 99) int pieceMax) {
        var random = new Random(seed);
        var bytes = Buffer.buffer();
        var sent = new ArrayList<Frame>();
        for (int index = 0; index < 20; index++) {
            sent.add(
                    random.nextBoolean()
                            ? VectorFrames.named("batch")
                            : new Frame.Nack(1, index, Fault.OVERLOADED, index, index, "x".repeat(index)));
            bytes.appendBuffer(codec.encode(sent.get(index)));
        }
        var reader = new FrameReader(codec);
        var got = new ArrayList<Frame>();
        for (int at = 0; at < bytes.length(); ) {
            int end = Math.min(bytes.length(), at + 1 + random.nextInt(pieceMax));
            reader.add(bytes.getBuffer(at, end));
            if (random.nextBoolean()) {
                take(reader, got);
            }
            at = end;
        }
        take(reader, got);
        reader.finish();
        assertEquals(sent, got);
    }

    @Test
    void fiveThousandFramesInOneWriteAllComeOut() {
        var bytes = Buffer.buffer();
        for (int nonce = 0; nonce < 5_000; nonce++) {
            bytes.appendBuffer(codec.encode(new Frame.Ping(nonce)));
        }
        var reader = new FrameReader(codec);
        reader.add(bytes);
        var got = new ArrayList<Frame>();
        take(reader, got);

        assertEquals(5_000, got.size());
        assertEquals(new Frame.Ping(4_999), got.get(4_999));
        assertEquals(0, reader.heldBytes());
    }

    @Test
    void aBatchOfSixtyFourMebibytesArrivesByteForByte() {
        var large = new FrameCodec((64 << 20) + FrameCodec.CONTROL_BYTES_MAX);
        var body = new byte[64 << 20];
        new Random(7).nextBytes(body);
        var sent = new Frame.BatchFrame(((Frame.BatchFrame) VectorFrames.named("batch")).header(), Buffer.buffer(body));
        var bytes = large.encode(sent);
        var reader = new FrameReader(large);
        for (int at = 0; at < bytes.length(); at += 65_536) {
            assertEquals(Optional.empty(), reader.next());
            reader.add(bytes.getBuffer(at, Math.min(bytes.length(), at + 65_536)));
        }

        assertEquals(sent, reader.next().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(ints = {(1 << 20) + 1, Integer.MAX_VALUE, -1})
    void aBatchBeyondTheLimitIsRefusedBeforeItsBytesArrive(int length) {
        refusedAtOnce(Buffer.buffer()
                .appendInt(length)
                .appendByte((byte) 8)
                .appendByte((byte) 0)
                .appendShort((short) 0));
    }

    @Test
    void aControlFrameBeyondItsLimitIsRefusedBeforeItsBytesArrive() {
        for (int type : List.of(1, 7, 12, 0x80, 0xFF)) {
            refusedAtOnce(Buffer.buffer()
                    .appendInt(FrameCodec.CONTROL_BYTES_MAX + 1)
                    .appendByte((byte) type)
                    .appendByte((byte) 0)
                    .appendShort((short) 0));
        }
    }

    @Test
    void noFrameTellsItsSecretsWhenItIsPrinted() {
        var id = UUID.randomUUID();
        var frames = List.of(
                new Frame.Register("hush", "name", "1"),
                new Frame.Registered(id, "hush", "hush", 1),
                new Frame.Hello("hush", "agent", id, Set.of(), 1),
                new Frame.Token(id, "hush"),
                new Frame.TokenGranted("hush", "hush", 1));

        frames.forEach(frame -> assertTrue(!frame.toString().contains("hush"), frame::toString));
    }

    @Test
    void aBrokenReaderStaysBroken() {
        var reader = new FrameReader(codec);
        reader.add(Buffer.buffer("GET / HTTP/1.1\r\n\r\n"));
        assertThrows(FaultException.class, reader::next);
        reader.add(codec.encode(new Frame.Ping(1)));
        assertThrows(FaultException.class, reader::next);
    }

    @Test
    void aBatchLargerThanTheReceiverTakesIsNotEncoded() {
        var batch = VectorFrames.named("batch");
        var refusal = assertThrows(FaultException.class, () -> new FrameCodec(100).encode(batch));

        assertSame(Fault.TOO_LARGE, refusal.fault());
    }

    @Test
    void aLongDetailIsCutToOneLine() {
        var sent = new Frame.GoAway(Fault.INTERNAL, 0, "two\nlines\ud800 " + "é".repeat(2_000));
        var reader = new FrameReader(codec);
        reader.add(codec.encode(sent));
        var got = (Frame.GoAway) reader.next().orElseThrow();

        assertTrue(got.detail().startsWith("two lines  é"));
        assertTrue(got.detail().length() > 500);
    }

    private static void take(FrameReader reader, List<Frame> into) {
        for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
            into.add(frame.get());
        }
    }

    private void refused(Buffer bytes) {
        var reader = new FrameReader(codec);
        reader.add(bytes);
        var refusal = assertThrows(FaultException.class, () -> {
            take(reader, new ArrayList<>());
            reader.finish();
        });
        assertEquals(Fault.BAD_FRAME, refusal.fault());
    }

    private void refusedAtOnce(Buffer head) {
        var reader = new FrameReader(codec);
        reader.add(head);
        assertEquals(
                Fault.BAD_FRAME,
                assertThrows(FaultException.class, reader::next).fault());
    }
}

package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;

/** Bodies that are broken, hostile or too large: each is refused as such, before it costs anything. */
class BodyTest {
    private static final WireLimits SMALL = new WireLimits(4 << 20, 50, 1_000, 10);

    private final BatchEncoder encoder = new BatchEncoder(3);
    private final BatchDecoder decoder = new BatchDecoder(WireLimits.standard());

    @Property(tries = 15)
    void everyTruncationAndEveryFlippedBitIsUndecodable(@ForAll long seed) {
        var blocks = new Batches(seed).blocks(2, 12);
        var body = encoder.encode(blocks);
        var header = header(body.digest(), body.uncompressedBytes());
        var bytes = body.compressed().getBytes();
        for (int end = 0; end < bytes.length; end++) {
            undecodable(() -> "cut", decoder, header, Arrays.copyOf(bytes, end), blocks);
        }
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                // A bit that zstd does not look at changes no value: then the batch is the same, by its digest.
                assertEquals(blocks, decoder.decode(header, Buffer.buffer(bytes), Batches.declared(blocks)));
            } catch (FaultException refusal) {
                assertEquals(Fault.UNDECODABLE, refusal.fault());
            }
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    /** What a hostile sender can always make: any bytes with their own digest. */
    @Property(tries = 15)
    void noFlippedBitBehindAGoodDigestLetsAnotherExceptionOut(@ForAll long seed) {
        var blocks = new Batches(seed).blocks(2, 20);
        var bytes = (seed % 2 == 0 ? encoder : BatchEncoder.small(3)).body(blocks);
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                decoder.blocks(bytes, Batches.declared(blocks));
            } catch (FaultException refusal) {
                assertTrue(refusal.fault() == Fault.UNDECODABLE || refusal.fault() == Fault.UNKNOWN_FAMILY);
            }
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
        for (int end = 0; end < bytes.length; end++) {
            var cut = Arrays.copyOf(bytes, end);
            assertEquals(
                    Fault.UNDECODABLE,
                    assertThrows(FaultException.class, () -> decoder.blocks(cut, Batches.declared(blocks)))
                            .fault());
        }
    }

    @Test
    void aFamilyThatWasNotDeclaredIsUnknown() {
        var body = encoder.encode(List.of(ints(ColumnType.INT8, 1)));
        var refusal = assertThrows(
                FaultException.class,
                () -> decoder.decode(
                        header(body.digest(), body.uncompressedBytes()), body.compressed(), fingerprint -> null));

        assertEquals(Fault.UNKNOWN_FAMILY, refusal.fault());
    }

    @Test
    void aDigestOfAnotherBodyIsUndecodable() {
        var blocks = List.of(ints(ColumnType.INT8, 1));
        var body = encoder.encode(blocks);
        var header = header(Digest.of(new byte[0]), body.uncompressedBytes());

        undecodable(() -> "digest", decoder, header, body.compressed().getBytes(), blocks);
    }

    @Test
    void aValueBeyondItsTypeIsUndecodable() {
        beyond(ColumnType.INT4, 1L << 31);
        beyond(ColumnType.INT4, -1L - (1L << 31));
        beyond(ColumnType.BOOL, 2);
        beyond(ColumnType.BOOL, -1);
        beyond(ColumnType.TIMESTAMPTZ, VectorReader.TIMESTAMP_MIN - 1);
    }

    @Test
    void aTextThatPostgresDoesNotTakeIsUndecodable() {
        for (var bad :
                List.of(new byte[] {'a', 0}, new byte[] {(byte) 0xC3}, new byte[] {(byte) 0xED, (byte) 0xA0, 0x20})) {
            var schema = schema(ColumnType.TEXT);
            var block = new ColumnBlock(
                    schema, "t", 0, 1, List.of(new ColumnVector.Texts(new byte[][] {bad}, new int[] {0})));
            refusedBlocks(decoder, block);
        }
    }

    @Test
    void aBombIsRefusedByItsHeaderAndByItsRatio() {
        var zeros = new byte[4 << 20];
        var bomb = Zstd.compress(zeros, 19);
        var limited = new BatchDecoder(SMALL);

        undecodable(() -> "ratio", limited, header(Digest.of(zeros), zeros.length), bomb, List.of());
        undecodable(() -> "length", limited, header(Digest.of(zeros), zeros.length + 1), bomb, List.of());
        undecodable(() -> "a header that lies", limited, header(Digest.of(zeros), 100), bomb, List.of());
        undecodable(() -> "largest", limited, header(Digest.of(zeros), Integer.MAX_VALUE), bomb, List.of());
    }

    @Test
    void twoZstdFramesAndOneOfUnknownLengthAreUndecodable() {
        var body = encoder.encode(List.of());
        var one = body.compressed().getBytes();
        var twice =
                body.compressed().copy().appendBytes(Zstd.compress(new byte[0])).getBytes();
        var unknown = new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, 0x58, 0x11, 0, 0, 1, 0};

        assertEquals(List.of(), decoder.decode(header(body.digest(), 2), Buffer.buffer(one), fingerprint -> null));
        undecodable(() -> "twice", decoder, header(body.digest(), 2), twice, List.of());
        undecodable(() -> "unknown length", decoder, header(body.digest(), 2), unknown, List.of());
        undecodable(() -> "nothing", decoder, header(body.digest(), 2), new byte[0], List.of());
    }

    @Test
    void rowsAndBlocksBeyondTheLimitAreUndecodable() {
        var limited = new BatchDecoder(SMALL);
        var thousand = ints(ColumnType.INT8, new long[1_000]);
        var blocks = new ColumnBlock[11];
        Arrays.fill(blocks, ints(ColumnType.INT8, 1));

        assertEquals(
                1_000,
                limited.blocks(encoder.body(List.of(thousand)), of(thousand))
                        .get(0)
                        .rows());
        refusedBlocks(limited, thousand, ints(ColumnType.INT8, 1));
        refusedBlocks(limited, blocks);
    }

    /** A constant column is three bytes, whatever its rows: the decoder must not be made to allocate gigabytes. */
    @Test
    void aFewBytesCannotAskForMoreCellsThanTheLimit() {
        var columns = new Column[256];
        Arrays.setAll(columns, index -> new Column("c" + index, ColumnType.INT8, ColumnRole.GAUGE));
        var schema = FamilySchema.of("wide", List.of(columns));
        var vectors = new ColumnVector[256];
        Arrays.fill(vectors, new ColumnVector.Longs(new long[200_000], new BitSet()));
        var block = new ColumnBlock(schema, "t", 0, 200_000, List.of(vectors));

        assertTrue(encoder.body(List.of(block)).length < 2_000);
        refusedBlocks(decoder, block);
    }

    /** A text stands once on the wire and in every row of the table: it must not grow to gigabytes when it is written. */
    @Test
    void aLongTextCannotStandInMoreRowsThanTheLimit() {
        var text = new byte[1 << 20];
        Arrays.fill(text, (byte) 'x');
        var texts = new byte[][] {text};
        var often = new ColumnBlock(
                schema(ColumnType.TEXT), "t", 0, 1_000, List.of(new ColumnVector.Texts(texts, new int[1_000])));
        var twice =
                new ColumnBlock(schema(ColumnType.TEXT), "t", 0, 2, List.of(new ColumnVector.Texts(texts, new int[2])));

        assertEquals(List.of(twice), decoder.blocks(encoder.body(List.of(twice)), of(twice)));
        refusedBlocks(decoder, often);
    }

    @Test
    void sixtyFourMebibytesOfBodyComeBack() {
        var random = new Random(3);
        var texts = new byte[62][1 << 20];
        for (var text : texts) {
            random.nextBytes(text);
            for (int at = 0; at < text.length; at++) {
                text[at] = (byte) (' ' + (text[at] & 0x3F));
            }
        }
        var indexes = new int[texts.length];
        Arrays.setAll(indexes, row -> row);
        var block = new ColumnBlock(
                schema(ColumnType.TEXT), "t", 0, texts.length, List.of(new ColumnVector.Texts(texts, indexes)));
        var elsewhere = new ColumnBlock(block.schema(), "u", 0, block.rows(), block.vectors());
        var body = encoder.encode(List.of(block));

        assertEquals(
                List.of(block),
                decoder.decode(header(body.digest(), body.uncompressedBytes()), body.compressed(), of(block)));
        assertEquals(
                Fault.TOO_LARGE,
                assertThrows(FaultException.class, () -> encoder.encode(List.of(block, elsewhere)))
                        .fault());
    }

    private void beyond(ColumnType type, long value) {
        refusedBlocks(decoder, ints(type, 0, value));
    }

    private void refusedBlocks(BatchDecoder by, ColumnBlock... blocks) {
        var bytes = encoder.body(List.of(blocks));
        assertEquals(
                Fault.UNDECODABLE,
                assertThrows(FaultException.class, () -> by.blocks(bytes, of(blocks)))
                        .fault());
    }

    private static LongFunction<FamilySchema> of(ColumnBlock... blocks) {
        return Batches.declared(List.of(blocks));
    }

    private static void undecodable(
            Supplier<String> what, BatchDecoder by, BatchHeader header, byte[] body, List<ColumnBlock> blocks) {
        var refusal = assertThrows(
                FaultException.class, () -> by.decode(header, Buffer.buffer(body), Batches.declared(blocks)), what);
        assertEquals(Fault.UNDECODABLE, refusal.fault());
    }

    private static BatchHeader header(Digest digest, int uncompressedBytes) {
        return new BatchHeader(new BatchPosition(1, 1, 1), digest, uncompressedBytes, List.of());
    }

    private static ColumnBlock ints(ColumnType type, long... values) {
        return new ColumnBlock(
                schema(type), "t", 0, values.length, List.of(new ColumnVector.Longs(values, new BitSet())));
    }

    private static FamilySchema schema(ColumnType type) {
        return FamilySchema.of("f", List.of(new Column("c", type, ColumnRole.GAUGE)));
    }
}

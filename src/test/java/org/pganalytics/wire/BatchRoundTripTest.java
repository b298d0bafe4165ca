package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Loss;

/** What goes into a batch comes out of it, bit by bit. */
class BatchRoundTripTest {
    private final BatchEncoder encoder = new BatchEncoder(3);
    private final BatchDecoder decoder = new BatchDecoder(WireLimits.standard());
    private final FrameCodec codec = new FrameCodec(1 << 24);

    @Property(tries = 500)
    void anyBatchComesBackFromItsFrame(
            @ForAll long seed,
            @ForAll @IntRange(max = 5) int count,
            @ForAll @IntRange(min = 1, max = 200) int rowsMax) {
        var batches = new Batches(seed);
        var blocks = batches.blocks(count, rowsMax);
        var body = (seed % 2 == 0 ? encoder : BatchEncoder.small(3)).encode(blocks);
        var header = new BatchHeader(batches.position(), body.digest(), body.uncompressedBytes(), batches.losses());
        var sent = new Frame.BatchFrame(header, body.compressed());

        var reader = new FrameReader(codec);
        reader.add(codec.encode(sent));
        var got = (Frame.BatchFrame) reader.next().orElseThrow();

        reader.finish();
        assertEquals(sent, got);
        assertEquals(blocks, decoder.decode(got.header(), got.body(), Batches.declared(blocks)));
    }

    @Property(tries = 100)
    void anyBatchComesBackFromItsHttpBody(@ForAll long seed) {
        var batches = new Batches(seed);
        var blocks = batches.blocks(3, 50);
        var body = encoder.encode(blocks);
        var header = new BatchHeader(batches.position(), body.digest(), body.uncompressedBytes(), List.of());
        var schemas = blocks.stream().map(ColumnBlock::schema).distinct().toList();
        var sent = new HttpBatch(schemas, new Frame.BatchFrame(header, body.compressed()));

        var got = HttpBatch.parse(sent.encode(codec), codec);

        assertEquals(sent, got);
        assertEquals(blocks, decoder.decode(got.batch().header(), got.batch().body(), got.byFingerprint()));
    }

    @Test
    void recordedBatchesComeBackFromTheSmallFormBitByBit() {
        for (var blocks : Recorded.batches()) {
            var bytes = BatchEncoder.small(3).body(blocks);

            assertEquals(blocks, decoder.blocks(bytes, Batches.declared(blocks)));
        }
    }

    @Test
    void aBatchThatOnlyDeclaresALossHasNoRows() {
        var body = encoder.encode(List.of());
        var loss = new Loss("pg_locks", Loss.Reason.SPOOL_FULL, 12, 1, 2);
        var header =
                new BatchHeader(new BatchPosition(1, 9, 4), body.digest(), body.uncompressedBytes(), List.of(loss));
        var sent = new HttpBatch(List.of(), new Frame.BatchFrame(header, body.compressed()));

        var got = HttpBatch.parse(sent.encode(codec), codec);

        assertEquals(header, got.batch().header());
        assertEquals(5, got.batch().header().position().dropped());
        assertTrue(decoder.decode(got.batch().header(), got.batch().body(), got.byFingerprint())
                .isEmpty());
    }
}

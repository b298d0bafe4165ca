package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;

/** The codec and src/test/python/vectors.py, which knows the document only, write and read the same bytes. */
class VectorTest {
    private final FrameCodec codec = new FrameCodec(1 << 20);

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/wire/frames.csv", numLinesToSkip = 1, maxCharsPerColumn = 1 << 20)
    void framesHoldBothWays(String name, String hex) {
        var frame = VectorFrames.named(name);

        assertEquals(hex, HexFormat.of().formatHex(codec.encode(frame).getBytes()));
        assertEquals(frame, read(hex));
    }

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/wire/lenient.csv", numLinesToSkip = 1)
    void whatALaterVersionAddsIsSkipped(String name, String hex) {
        assertEquals(VectorFrames.named(name), read(hex));
    }

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/wire/refused.csv", numLinesToSkip = 1, maxCharsPerColumn = 1 << 20)
    void whatBreaksTheProtocolIsRefused(String why, String hex) {
        var refusal = assertThrows(FaultException.class, () -> read(hex), why);

        assertEquals(Fault.BAD_FRAME, refusal.fault());
        assertTrue(refusal.detail().length() < 300, refusal.detail());
    }

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/wire/bodies.csv", numLinesToSkip = 1, maxCharsPerColumn = 1 << 20)
    void bodiesHoldBothWays(String name, String uncompressed, String sha256, String zstd) {
        var blocks = VectorFrames.blocks(name);
        var bytes = HexFormat.of().parseHex(uncompressed);
        var header = new BatchHeader(
                new BatchPosition(1, 1, 1), new Digest(HexFormat.of().parseHex(sha256)), bytes.length, List.of());
        var body = Buffer.buffer(HexFormat.of().parseHex(zstd));
        var decoder = new BatchDecoder(WireLimits.standard());

        assertEquals(uncompressed, HexFormat.of().formatHex(new BatchEncoder(3).body(blocks)));
        assertEquals(sha256, new BatchEncoder(3).encode(blocks).digest().toString());
        assertEquals(blocks, decoder.decode(header, body, Batches.declared(blocks)));
    }

    /** Only read: which columns a sender models, and by what, is its own choice. */
    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "/wire/modelled.csv", numLinesToSkip = 1, maxCharsPerColumn = 1 << 20)
    void modelledBodiesAreRead(String name, String uncompressed) {
        var blocks = VectorFrames.blocks(name);
        var bytes = HexFormat.of().parseHex(uncompressed);

        assertEquals(blocks, new BatchDecoder(WireLimits.standard()).blocks(bytes, Batches.declared(blocks)));
    }

    private Frame read(String hex) {
        var reader = new FrameReader(codec);
        reader.add(Buffer.buffer(HexFormat.of().parseHex(hex)));
        var frame = reader.next().orElseThrow();
        reader.finish();
        return frame;
    }
}

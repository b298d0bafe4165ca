package org.pganalytics.storage;

import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.pganalytics.collector.load.LongBlocks;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.perf.Statements;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.EncodedBody;
import org.pganalytics.wire.WireLimits;

/** A body of statements on its way: encoded as a collector does, decoded, and turned into the rows of a COPY. */
@State(Scope.Thread)
public class BodyBench {
    private static final long MICROS = 1_795_219_200_000_000L;

    /** Two lengths: what an operation allocates beside what each row does is what they have in common. */
    @Param({"300", "3000"})
    public int rows;

    @Param({"fast", "small"})
    public String form;

    private final BatchDecoder decoder = new BatchDecoder(WireLimits.standard());
    private final CopyEncoder copy = new CopyEncoder(ByteBufAllocator.DEFAULT);
    private List<ColumnBlock> blocks;
    private BatchEncoder encoder;
    private BatchHeader header;
    private Buffer body;

    @Setup(Level.Trial)
    public void encodeOnce() {
        var statements = Statements.shipped();
        blocks = List.of(LongBlocks.of(statements, 0, rows, MICROS));
        encoder = form.equals("small") ? BatchEncoder.small(9) : new BatchEncoder(3);
        var encoded = encoder.encode(blocks);
        header = new BatchHeader(new BatchPosition(1, 1, 1), encoded.digest(), encoded.uncompressedBytes(), List.of());
        body = encoded.compressed();
    }

    @Benchmark
    public EncodedBody encode() {
        return encoder.encode(blocks);
    }

    @Benchmark
    public List<ColumnBlock> decode() {
        return decoder.decode(header, body, fingerprint -> blocks.get(0).schema());
    }

    /** From a BATCH's buffer to the buffer that COPY sends. */
    @Benchmark
    public int toCopy() {
        int bytes = 0;
        for (var block : decode()) {
            var buffer = copy.rows(block, 1);
            bytes += buffer.readableBytes();
            buffer.release();
        }
        return bytes;
    }
}

package org.pganalytics.storage;

import io.netty.buffer.ByteBufAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.pganalytics.collector.load.LongBlocks;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.perf.Statements;

/** Columns of statements to the rows of a COPY. */
@State(Scope.Thread)
public class CopyEncoderBench {
    private static final long MICROS = 1_795_219_200_000_000L;

    @Param({"300", "3000"})
    public int rows;

    private final CopyEncoder encoder = new CopyEncoder(ByteBufAllocator.DEFAULT);
    private ColumnBlock block;

    @Setup(Level.Trial)
    public void generate() {
        var statements = Statements.shipped();
        block = LongBlocks.of(statements, 0, rows, MICROS);
    }

    @Benchmark
    public int copy() {
        var buffer = encoder.rows(block, 1);
        int bytes = buffer.readableBytes();
        buffer.release();
        return bytes;
    }
}

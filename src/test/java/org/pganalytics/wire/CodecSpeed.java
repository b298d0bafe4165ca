package org.pganalytics.wire;

import java.util.List;
import java.util.Locale;
import org.pganalytics.model.ColumnBlock;

/** Prints how long recorded statements take to encode and decode, warmed up, on one thread. A program, to be run by hand. */
final class CodecSpeed {
    private static final int ROUNDS = 12;
    private static final int REPEATED = 20;

    private CodecSpeed() {}

    public static void main(String[] arguments) {
        var statements = Recorded.batches().get(0).stream()
                .filter(block -> block.schema().family().equals("pg_stat_statements"))
                .toList();
        measure("fast form", new BatchEncoder(3), Recorded.rounded(statements));
        measure("small form", BatchEncoder.small(9), Recorded.rounded(statements));
    }

    private static void measure(String what, BatchEncoder encoder, List<ColumnBlock> blocks) {
        int rows = blocks.get(0).rows();
        var body = encoder.body(blocks);
        var decoder = new BatchDecoder(WireLimits.standard());
        var schemas = Batches.declared(blocks);
        double encode = micros(() -> encoder.encode(blocks));
        double decode = micros(() -> decoder.blocks(body, schemas));
        System.out.printf(
                Locale.ROOT,
                "%s: %d rows of %d columns, encoding %.2f µs a row, decoding %.2f µs a row%n",
                what,
                rows,
                blocks.get(0).vectors().size(),
                encode / rows,
                decode / rows);
    }

    /** The shortest of several rounds. */
    private static double micros(Runnable work) {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int again = 0; again < REPEATED; again++) {
                work.run();
            }
            best = Math.min(best, (System.nanoTime() - start) / 1e3 / REPEATED);
        }
        return best;
    }
}

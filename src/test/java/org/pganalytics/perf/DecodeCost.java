package org.pganalytics.perf;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.WireLimits;
import org.pganalytics.wire.v3.Layout;
import org.pganalytics.wire.v3.V3Push;

/**
 * {@code perf/decode}: what reading alone costs, of version 3 JSON and of the native form: from a body in memory to
 * columns, on one thread, by its own processor time and allocation.
 */
final class DecodeCost {
    private static final int TARGETS = 7;
    /** As the door reads a body that arrives. */
    private static final int PIECE_BYTES = 128 << 10;

    private static final String WHEN = "2026-01-01T00:00:00Z";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<MetricFamily> families = FamilyFiles.load(Path.of("conf/families"));
    private final MetricFamily statements = Statements.of(families);
    private final List<ColumnBlock> blocks = new GeneratedBlocks(families).ofTargets(statements, 0, TARGETS, 0);
    private final int rows = blocks.stream().mapToInt(ColumnBlock::rows).sum();

    private DecodeCost() {}

    /** Arguments: seconds of each run, and how many runs. */
    public static void main(String[] arguments) {
        double seconds = Double.parseDouble(arguments[0]);
        var cost = new DecodeCost();
        var json = cost.json();
        var packed = cost.packed();
        for (int run = 0; run < Integer.parseInt(arguments[1]); run++) {
            cost.measure("v3", V3Statements.VALUES_A_ROW, seconds, json);
            cost.measure("native", cost.statements.schema().columns().size(), seconds, packed);
        }
    }

    private IntSupplier json() {
        var layout = new Layout(families.stream().map(MetricFamily::schema).toList());
        var sender =
                new V3Push.Sender(new UUID(0, 1), "bench", Instant.parse(WHEN).getEpochSecond());
        var body = V3Statements.push(blocks, WHEN).getBytes(StandardCharsets.UTF_8);
        System.out.printf("v3: %d bytes a row%n", body.length / rows);
        return () -> {
            try (var push = new V3Push(layout, sender)) {
                for (int at = 0; at < body.length; at += PIECE_BYTES) {
                    push.feed(Arrays.copyOfRange(body, at, Math.min(at + PIECE_BYTES, body.length)));
                }
                push.end();
                return push.flush().size();
            }
        };
    }

    private IntSupplier packed() {
        var body = new BatchEncoder(3).encode(blocks);
        var decoder = new BatchDecoder(WireLimits.standard());
        var header = new BatchHeader(new BatchPosition(1, 1, 1), body.digest(), body.uncompressedBytes(), List.of());
        return () -> decoder.decode(header, body.compressed(), fingerprint -> statements.schema())
                .size();
    }

    private void measure(String what, int valuesARow, double seconds, IntSupplier reading) {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        int times = 0;
        while (System.nanoTime() < until) {
            if (reading.getAsInt() == 0) {
                throw new IllegalStateException("nothing was read");
            }
            times++;
        }
        double microsARow = (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3 / times / rows;
        System.out.printf(
                "%s: %.3f µs CPU a value, %.2f a row; %d bytes allocated a row%n",
                what,
                microsARow / valuesARow,
                microsARow,
                (THREADS.getCurrentThreadAllocatedBytes() - allocated) / times / rows);
    }
}

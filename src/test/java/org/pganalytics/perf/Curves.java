package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.function.IntFunction;

/** What the single figures do not show: how the server behaves between them. Taken once, for the eye. */
final class Curves {
    private static final int[] COLLECTORS = {1, 2, 4, 8, 16, 32};
    private static final double[] SHARES = {0.1, 0.25, 0.5, 0.75, 0.9};
    private static final int ROWS = 200_000;
    private static final int SECONDS = 15;

    private Curves() {}

    /** @param shapes of the replay by the number of collectors */
    static Plot rate(ServerProcess server, IntFunction<Replay.Shape> shapes) throws IOException, InterruptedException {
        var points = new ArrayList<Plot.Point>();
        for (int collectors : COLLECTORS) {
            try (var replay = new Replay(server, shapes.apply(collectors))) {
                int batches = ROWS / replay.rowsABatch();
                points.add(new Plot.Point(collectors, batches * replay.rowsABatch() / replay.flood(batches)));
            }
        }
        return new Plot("Rate against collectors", "collectors", "rows/s", points);
    }

    static Plot latency(AckLatency latency) throws IOException, InterruptedException {
        return new Plot("Ack latency against load", "% of the top rate", "p99, ms", latency.curve(SECONDS, SHARES));
    }
}

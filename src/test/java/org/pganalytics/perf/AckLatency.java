package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How long a collector waits for its ack, from when its batch was due, while the server works at half its top rate. */
final class AckLatency {
    private final Replay replay;
    private final CopyRatio copy;

    /** @param copy has found out the top rate */
    AckLatency(Replay replay, CopyRatio copy) {
        this.replay = replay;
        this.copy = copy;
    }

    /** @param seconds of each turn */
    List<Measurement> measure(int turns, int seconds) throws IOException, InterruptedException {
        List<Double> medians = new ArrayList<>();
        List<Double> high = new ArrayList<>();
        for (int turn = 0; turn < turns; turn++) {
            var latencies = atLoad(0.5, seconds);
            medians.add(Percentile.of(0.5, latencies));
            high.add(Percentile.of(0.99, latencies));
        }
        return List.of(Measurement.of(Goal.ACK_P99_MS, high), Measurement.aside("ack_p50_ms", "ms", medians));
    }

    /** p99 by share of the top rate. */
    List<Plot.Point> curve(int seconds, double... shares) throws IOException, InterruptedException {
        var points = new ArrayList<Plot.Point>();
        for (double share : shares) {
            points.add(new Plot.Point(100 * share, Percentile.of(0.99, atLoad(share, seconds))));
        }
        return points;
    }

    private double[] atLoad(double share, int seconds) throws IOException, InterruptedException {
        copy.fresh();
        return replay.pace(copy.topBatchesASecond() * share, seconds);
    }
}

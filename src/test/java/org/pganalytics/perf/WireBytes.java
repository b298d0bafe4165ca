package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.Recorded;
import org.pganalytics.wire.Sizes;

/**
 * What the same rows take on the wire: a BATCH frame as a collector sends it, JSON objects under gzip, and remote write;
 * of an agent's first 200 s as recorded, and of what {@code load} makes. A count: it is the same each time.
 */
final class WireBytes {
    private static final int TICKS = 20;

    private WireBytes() {}

    static List<Measurement> measure(List<MetricFamily> families) throws IOException {
        var generated = new GeneratedBlocks(families);
        long now = System.currentTimeMillis() * 1_000;
        var load = IntStream.range(0, TICKS)
                .mapToObj(tick -> generated.ofTick(0, tick, now))
                .toList();
        var agent = Recorded.agent();
        var found = new ArrayList<Measurement>();
        var ofAgent = sizes(agent);
        found.add(Measurement.of(Goal.WIRE_TO_JSON, ofAgent.share()));
        found.add(Measurement.of(Goal.WIRE_TO_REMOTE_WRITE, ofAgent.small() / remoteWriteBytes(agent)));
        found.add(Measurement.aside("wire_bytes_a_row", "bytes", ofAgent.small() / (double) ofAgent.rows()));
        var ofLoad = sizes(load);
        found.add(Measurement.aside("wire_to_json_load", "", ofLoad.share()));
        found.add(Measurement.aside("wire_to_remote_write_load", "", ofLoad.small() / remoteWriteBytes(load)));
        return found;
    }

    private static Sizes sizes(List<List<ColumnBlock>> batches) {
        return batches.stream().map(Sizes::of).reduce(Sizes.NOTHING, Sizes::and);
    }

    private static double remoteWriteBytes(List<List<ColumnBlock>> batches) throws IOException {
        double sum = 0;
        for (var batch : batches) {
            sum += RemoteWrite.bytes(batch);
        }
        return sum;
    }
}

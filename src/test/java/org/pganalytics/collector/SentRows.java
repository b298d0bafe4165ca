package org.pganalytics.collector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.WireLimits;

/** What an agent has sent to a server so far, read from the frames themselves. */
final class SentRows {
    private SentRows() {}

    /** Rows of a target, by family. */
    static Map<String, Long> byFamily(FakeServer server, String target) {
        Map<String, Long> rows = new HashMap<>();
        for (var block : blocks(server)) {
            if (block.target().equals(target)) {
                rows.merge(block.schema().family(), (long) block.rows(), Long::sum);
            }
        }
        return rows;
    }

    static List<ColumnBlock> blocks(FakeServer server) {
        var decoder = new BatchDecoder(new WireLimits(1 << 26, 1_000, 1 << 20, 1 << 16));
        Map<Long, FamilySchema> schemas = new HashMap<>();
        var blocks = new ArrayList<ColumnBlock>();
        for (var frame : server.seen) {
            if (frame instanceof Frame.Schema schema) {
                schemas.put(schema.schema().fingerprint(), schema.schema());
            } else if (frame instanceof Frame.BatchFrame batch) {
                blocks.addAll(decoder.decode(batch.header(), batch.body(), schemas::get));
            }
        }
        return blocks;
    }

    /** The column of a family and target in all that was sent, in the order in which it was sent. */
    static List<String> texts(FakeServer server, String family, String column, String target) {
        var texts = new ArrayList<String>();
        for (var block : blocks(server)) {
            var names = block.schema().columns().stream().map(one -> one.name()).toList();
            if (block.schema().family().equals(family) && block.target().equals(target)) {
                var vector = block.vectors().get(names.indexOf(column));
                for (int row = 0; row < block.rows(); row++) {
                    texts.add(vector.isNull(row) ? null : text(vector, row));
                }
            }
        }
        return texts;
    }

    private static String text(ColumnVector vector, int row) {
        if (vector instanceof ColumnVector.Doubles doubles) {
            return Double.toString(doubles.values()[row]);
        }
        return vector instanceof ColumnVector.Texts texts
                ? texts.text(row)
                : Long.toString(((ColumnVector.Longs) vector).values()[row]);
    }
}

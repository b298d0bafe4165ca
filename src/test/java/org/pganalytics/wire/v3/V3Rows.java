package org.pganalytics.wire.v3;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/** Pushes read, and what became of them, for tests. */
final class V3Rows {
    static final List<MetricFamily> FAMILIES = FamilyFiles.load(Path.of("conf/families"));
    static final Layout LAYOUT =
            new Layout(FAMILIES.stream().map(MetricFamily::schema).toList());
    static final UUID COLLECTOR = UUID.fromString("11111111-2222-4333-8444-555555555555");
    static final long NOW = Instant.parse("2026-11-20T23:40:00Z").getEpochSecond();

    static V3Push push() {
        return new V3Push(LAYOUT, new V3Push.Sender(COLLECTOR, "registered", NOW));
    }

    static byte[] sample() throws IOException {
        return Files.readAllBytes(Path.of("src/test/resources/v3/push-one-of-each.json"));
    }

    static List<Batch> batches(byte[] json, int pieceBytes) {
        var push = push();
        for (int at = 0; at < json.length; at += pieceBytes) {
            push.feed(Arrays.copyOfRange(json, at, Math.min(at + pieceBytes, json.length)));
        }
        push.end();
        return push.flush();
    }

    static List<Batch> batches(String json) {
        return batches(json.getBytes(StandardCharsets.UTF_8), 1 << 16);
    }

    static List<ColumnBlock> blocks(List<Batch> batches) {
        return batches.stream()
                .filter(batch -> batch.content() instanceof BatchContent.Decoded)
                .flatMap(batch -> ((BatchContent.Decoded) batch.content()).blocks().stream())
                .toList();
    }

    /** A row by its columns' names, nulls left out. */
    static List<TreeMap<String, Object>> rows(List<Batch> batches, String family) {
        var rows = new ArrayList<TreeMap<String, Object>>();
        blocks(batches).stream()
                .filter(block -> block.schema().family().equals(family))
                .forEach(block -> {
                    for (int row = 0; row < block.rows(); row++) {
                        var values = new TreeMap<String, Object>();
                        for (int column = 0; column < block.vectors().size(); column++) {
                            if (!block.vectors().get(column).isNull(row)) {
                                values.put(
                                        block.schema().columns().get(column).name(),
                                        value(block.vectors().get(column), row));
                            }
                        }
                        rows.add(values);
                    }
                });
        return rows;
    }

    static Object value(ColumnVector vector, int row) {
        if (vector instanceof ColumnVector.Texts texts) {
            return texts.text(row);
        }
        return vector instanceof ColumnVector.Doubles doubles
                ? (Object) doubles.values()[row]
                : (Object) ((ColumnVector.Longs) vector).values()[row];
    }

    static String metrics(String... metrics) {
        return "{\"collector_id\":\"x\",\"hostname\":\"h\",\"metrics\":[" + String.join(",", metrics)
                + "],\"metrics_count\":1,\"timestamp\":\"2026-11-20T23:37:49Z\",\"version\":\"3.0.0\"}";
    }

    static String sysstat(String timestamp, String load) {
        return "{\"cpu\":{\"load_1m\":%s},\"timestamp\":\"%s\",\"type\":\"sysstat\"}".formatted(load, timestamp);
    }

    private V3Rows() {}
}

package org.pganalytics.perf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.xerial.snappy.Snappy;

/**
 * The same values as Prometheus remote write 1.0 sends them: a time series for each number of each row, its name the
 * family's and the column's, its labels the target and the row's keys, one sample each; protobuf under snappy, a request a
 * batch. Texts that are no keys have no place there and are left out, which favours it.
 */
final class RemoteWrite {
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED64 = 1;
    private static final int VARINT = 0;
    private static final double MICROS_A_SECOND = 1e6;

    private RemoteWrite() {}

    static int bytes(List<ColumnBlock> blocks) throws IOException {
        var request = new ByteArrayOutputStream();
        for (var block : blocks) {
            for (int row = 0; row < block.rows(); row++) {
                write(block, row, request);
            }
        }
        return Snappy.compress(request.toByteArray()).length;
    }

    private static void write(ColumnBlock block, int row, ByteArrayOutputStream request) {
        var columns = block.schema().columns();
        var labels = new TreeMap<String, String>(Map.of("target", block.target()));
        for (int at = 0; at < columns.size(); at++) {
            if (columns.get(at).role() == ColumnRole.KEY) {
                labels.put(columns.get(at).name(), text(block.vectors().get(at), row));
            }
        }
        for (int at = 0; at < columns.size(); at++) {
            var column = columns.get(at);
            var vector = block.vectors().get(at);
            boolean sent = column.role() != ColumnRole.KEY && column.type() != ColumnType.TEXT && !vector.isNull(row);
            if (sent) {
                labels.put("__name__", block.schema().family() + "_" + column.name());
                var series = series(labels, number(column, vector, row), block.collectedAtMicros() / 1_000);
                field(request, 1, LENGTH_DELIMITED);
                message(request, series);
            }
        }
    }

    private static String text(ColumnVector vector, int row) {
        if (vector.isNull(row)) {
            return "";
        }
        if (vector instanceof ColumnVector.Texts texts) {
            return texts.text(row);
        }
        return vector instanceof ColumnVector.Doubles doubles
                ? Double.toString(doubles.values()[row])
                : Long.toString(((ColumnVector.Longs) vector).values()[row]);
    }

    private static double number(Column column, ColumnVector vector, int row) {
        if (vector instanceof ColumnVector.Doubles doubles) {
            return doubles.values()[row];
        }
        double value = ((ColumnVector.Longs) vector).values()[row];
        return column.type() == ColumnType.TIMESTAMPTZ ? value / MICROS_A_SECOND : value;
    }

    /** TimeSeries: 1 labels (1 name, 2 value), 2 samples (1 value, 2 timestamp in ms). */
    private static byte[] series(Map<String, String> labels, double value, long millis) {
        var series = new ByteArrayOutputStream();
        labels.forEach((name, text) -> {
            var label = new ByteArrayOutputStream();
            field(label, 1, LENGTH_DELIMITED);
            message(label, name.getBytes(StandardCharsets.UTF_8));
            field(label, 2, LENGTH_DELIMITED);
            message(label, text.getBytes(StandardCharsets.UTF_8));
            field(series, 1, LENGTH_DELIMITED);
            message(series, label.toByteArray());
        });
        var sample = new ByteArrayOutputStream();
        field(sample, 1, FIXED64);
        sample.writeBytes(ByteBuffer.allocate(Double.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array());
        field(sample, 2, VARINT);
        varint(sample, millis);
        field(series, 2, LENGTH_DELIMITED);
        message(series, sample.toByteArray());
        return series.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int number, int wireType) {
        out.write(number << 3 | wireType);
    }

    private static void message(ByteArrayOutputStream out, byte[] content) {
        varint(out, content.length);
        out.writeBytes(content);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        for (; rest >>> 7 != 0; rest >>>= 7) {
            out.write((int) (rest & 0x7F | 0x80));
        }
        out.write((int) rest);
    }
}

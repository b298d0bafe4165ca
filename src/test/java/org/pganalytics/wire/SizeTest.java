package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/**
 * What the native form saves against gzip over the same rows as JSON. Two kinds of JSON: a row as an object, as
 * PostgreSQL's own row_to_json and collectors write it, and our native JSON, which names the columns once a block.
 */
class SizeTest {
    private static final int ROWS = 400;

    private final FrameCodec codec = new FrameCodec(1 << 24);

    /**
     * Rows of one moment are mostly digits that no codec can foresee: there, gzip wastes only names and notation. A batch
     * of several collections of the same rows is where a third and less is reached.
     */
    @ParameterizedTest
    @CsvSource({"1, 0.65", "2, 0.4", "4, 0.333"})
    void theMoreMomentsABatchHoldsTheSmallerItIs(int moments, double shareMax) throws IOException {
        var blocks = new ArrayList<ColumnBlock>();
        var rows = new RealisticRows(new Random(42));
        var statements = rows.statements(ROWS / 2 / moments);
        var tables = rows.tables(ROWS / 2 / moments);
        for (int moment = 0; moment < moments; moment++) {
            blocks.addAll(List.of(statements, tables));
            statements = rows.later(statements);
            tables = rows.later(tables);
        }
        var position = new BatchPosition(1, 4711, 4711);

        int nativeBytes = frame(position, blocks).length();
        int objects = gzip(Buffer.buffer(objects(blocks))).length;
        int compact = gzip(NativeJson.encode(position, List.of(), blocks)).length;

        System.out.printf(
                "%d rows of 25 columns, %2d moments: native %5d bytes; JSON objects+gzip %5d (native is %.2f of it),"
                        + " native JSON+gzip %5d (%.2f)%n",
                ROWS,
                moments,
                nativeBytes,
                objects,
                nativeBytes / (double) objects,
                compact,
                nativeBytes / (double) compact);
        assertEquals(ROWS, blocks.stream().mapToInt(ColumnBlock::rows).sum());
        assertTrue(nativeBytes <= shareMax * objects, "native %d, JSON+gzip %d".formatted(nativeBytes, objects));
    }

    private static String objects(List<ColumnBlock> blocks) {
        var text = new StringBuilder("[");
        for (var block : blocks) {
            for (int row = 0; row < block.rows(); row++) {
                text.append(text.length() > 1 ? ",{" : "{");
                text.append("\"family\":\"").append(block.schema().family());
                text.append("\",\"target\":\"").append(block.target());
                text.append("\",\"time\":\"")
                        .append(time(block.collectedAtMicros()))
                        .append('"');
                for (int column = 0; column < block.vectors().size(); column++) {
                    var name = block.schema().columns().get(column).name();
                    text.append(",\"").append(name).append("\":").append(value(block, column, row));
                }
                text.append('}');
            }
        }
        return text.append(']').toString();
    }

    private static String value(ColumnBlock block, int column, int row) {
        var vector = block.vectors().get(column);
        if (vector.isNull(row)) {
            return "null";
        }
        if (vector instanceof ColumnVector.Texts texts) {
            return '"' + texts.text(row) + '"';
        }
        if (vector instanceof ColumnVector.Doubles doubles) {
            return Double.toString(doubles.values()[row]);
        }
        long value = ((ColumnVector.Longs) vector).values()[row];
        return switch (block.schema().columns().get(column).type()) {
            case BOOL -> Boolean.toString(value != 0);
            case TIMESTAMPTZ -> '"' + time(value) + '"';
            default -> '"' + Long.toString(value) + '"';
        };
    }

    private static String time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    private Buffer frame(BatchPosition position, List<ColumnBlock> blocks) {
        var body = new BatchEncoder(3).encode(blocks);
        var header = new BatchHeader(position, body.digest(), body.uncompressedBytes(), List.of());
        return codec.encode(new Frame.BatchFrame(header, body.compressed()));
    }

    private static byte[] gzip(Buffer json) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(json.getBytes());
        }
        return out.toByteArray();
    }
}

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
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
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
    @CsvSource({"1, 0.5", "2, 0.3", "4, 0.2"})
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

        var sizes = sizes(position, blocks);

        sizes.print("%d seeded rows of 25 columns, %2d moments".formatted(ROWS, moments));
        assertEquals(ROWS, blocks.stream().mapToInt(ColumnBlock::rows).sum());
        assertTrue(sizes.ofObjects() <= shareMax, sizes::toString);
    }

    /**
     * Of a real row of pg_stat_statements more than half is a random queryid and the microsecond at which the statement
     * was first seen: 11.5 bytes that no codec can foresee, and that cost JSON little more.
     */
    @Test
    void realStatementsTakeAboutAThirdOfObjectsInJson() throws IOException {
        var statements = Recorded.batches().stream()
                .flatMap(List::stream)
                .filter(block -> block.schema().family().equals("pg_stat_statements"))
                .toList();
        var rounded = sizes(new BatchPosition(1, 361, 361), Recorded.rounded(statements));
        var asMeasured = sizes(new BatchPosition(1, 361, 361), statements);

        rounded.print("%d recorded statements".formatted(statements.get(0).rows()));
        asMeasured.print("the same with all digits");
        assertTrue(rounded.ofObjects() <= 0.35, rounded::toString);
        assertTrue(asMeasured.ofObjects() <= 0.42, asMeasured::toString);
    }

    /** Each batch on its own, small ones too, as it leaves the agent; texts are what neither form can make small. */
    @Test
    void whatAnAgentSendsInHalfAMinuteTakesFarLessThanHalf() throws IOException {
        var all = new Sizes(0, 0, 0);
        for (var batch : Recorded.batches()) {
            var sizes = sizes(new BatchPosition(1, 361, 361), Recorded.rounded(batch));
            sizes.print(batch.stream()
                    .map(block -> block.rows() + " " + block.schema().family())
                    .collect(Collectors.joining(", ")));
            all = all.and(sizes);
        }

        all.print("all of half a minute");
        assertTrue(all.ofObjects() <= 0.43, all::toString);
    }

    private Sizes sizes(BatchPosition position, List<ColumnBlock> blocks) throws IOException {
        return new Sizes(
                frame(position, blocks).length(),
                gzip(Buffer.buffer(objects(blocks))).length,
                gzip(NativeJson.encode(position, List.of(), blocks)).length);
    }

    private record Sizes(int nativeBytes, int objects, int nativeJson) {
        double ofObjects() {
            return nativeBytes / (double) objects;
        }

        Sizes and(Sizes more) {
            return new Sizes(nativeBytes + more.nativeBytes, objects + more.objects, nativeJson + more.nativeJson);
        }

        void print(String what) {
            System.out.printf(
                    "%s: native %d bytes; JSON objects+gzip %d (native is %.2f of it), native JSON+gzip %d (%.2f)%n",
                    what, nativeBytes, objects, ofObjects(), nativeJson, nativeBytes / (double) nativeJson);
        }
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
        var body = BatchEncoder.small(3).encode(blocks);
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

package org.pganalytics.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;

/**
 * What batches take in bytes, in each of the forms in which they could be sent; sums of batches that are each a unit.
 *
 * <p>The yardstick is {@code objects}: the same rows, in the same batches and order, as any JSON pusher writes them: an
 * object a row with the columns' names as keys, as PostgreSQL's row_to_json makes it (numbers bare, times in ISO 8601),
 * family, target and time once a block, then gzip at its default level, 6. Of ours the whole BATCH frame counts, position,
 * digest and checksum too; of JSON the body alone. SCHEMA, once a connection, and HTTP's header lines count for nobody.
 *
 * @param small a BATCH frame as a collector sends it
 * @param plain a BATCH frame of the fast encodings
 * @param objects row objects in JSON under gzip
 * @param nativeJson our own JSON, which names columns once a block, under gzip
 */
public record Sizes(int batches, int rows, int small, int plain, int objects, int nativeJson) {
    public static final Sizes NOTHING = new Sizes(0, 0, 0, 0, 0, 0);

    private static final BatchPosition POSITION = new BatchPosition(1, 361, 361);

    /** Of one batch. */
    public static Sizes of(List<ColumnBlock> blocks) {
        return new Sizes(
                1,
                blocks.stream().mapToInt(ColumnBlock::rows).sum(),
                frame(BatchEncoder.small(9), blocks),
                frame(new BatchEncoder(3), blocks),
                gzip(objects(blocks)),
                gzip(NativeJson.encode(POSITION, List.of(), blocks).getBytes()));
    }

    public Sizes and(Sizes more) {
        return new Sizes(
                batches + more.batches,
                rows + more.rows,
                small + more.small,
                plain + more.plain,
                objects + more.objects,
                nativeJson + more.nativeJson);
    }

    /** What a collector sends, as a share of row objects. */
    public double share() {
        return small / (double) objects;
    }

    /** One line for people. */
    public void print(String what) {
        System.out.printf(
                Locale.ROOT,
                "%s: %d batches, %d rows; JSON objects+gzip %d bytes, ours %d (%.3f of it, %.1f a row), fast form %d (%.3f),"
                        + " native JSON+gzip %d (ours is %.3f of that)%n",
                what,
                batches,
                rows,
                objects,
                small,
                share(),
                small / (double) rows,
                plain,
                plain / (double) objects,
                nativeJson,
                small / (double) nativeJson);
    }

    private static int frame(BatchEncoder encoder, List<ColumnBlock> blocks) {
        var body = encoder.encode(blocks);
        var header = new BatchHeader(POSITION, body.digest(), body.uncompressedBytes(), List.of());
        return new FrameCodec(1 << 26)
                .encode(new Frame.BatchFrame(header, body.compressed()))
                .length();
    }

    private static int gzip(byte[] json) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(json);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.size();
    }

    static byte[] objects(List<ColumnBlock> blocks) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new JsonFactory().createGenerator(bytes)) {
            out.writeStartArray();
            for (var block : blocks) {
                write(block, out);
            }
            out.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(ColumnBlock block, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("family", block.schema().family());
        out.writeStringField("target", block.target());
        out.writeStringField("time", time(block.collectedAtMicros()));
        out.writeArrayFieldStart("rows");
        for (int row = 0; row < block.rows(); row++) {
            out.writeStartObject();
            for (int at = 0; at < block.vectors().size(); at++) {
                var column = block.schema().columns().get(at);
                out.writeFieldName(column.name());
                write(column, block.vectors().get(at), row, out);
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void write(Column column, ColumnVector vector, int row, JsonGenerator out) throws IOException {
        if (vector.isNull(row)) {
            out.writeNull();
        } else if (vector instanceof ColumnVector.Texts texts) {
            out.writeString(texts.text(row));
        } else if (vector instanceof ColumnVector.Doubles doubles) {
            out.writeNumber(doubles.values()[row]);
        } else {
            writeLong(column.type(), ((ColumnVector.Longs) vector).values()[row], out);
        }
    }

    private static void writeLong(ColumnType type, long value, JsonGenerator out) throws IOException {
        if (type == ColumnType.BOOL) {
            out.writeBoolean(value != 0);
        } else if (type == ColumnType.TIMESTAMPTZ) {
            out.writeString(time(value));
        } else {
            out.writeNumber(value);
        }
    }

    private static String time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
}

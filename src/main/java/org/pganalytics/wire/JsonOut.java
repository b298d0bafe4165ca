package org.pganalytics.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Loss;

/** Writes a batch as native JSON. */
final class JsonOut {
    private final JsonGenerator out;

    private JsonOut(JsonGenerator out) {
        this.out = out;
    }

    static Buffer write(BatchPosition position, List<Loss> losses, List<ColumnBlock> blocks) {
        var bytes = new ByteArrayOutputStream();
        try (var generator = new JsonFactory().createGenerator(bytes)) {
            new JsonOut(generator).push(position, losses, blocks);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory can be written to", impossible);
        }
        return Buffer.buffer(bytes.toByteArray());
    }

    private void push(BatchPosition position, List<Loss> losses, List<ColumnBlock> blocks) throws IOException {
        out.writeStartObject();
        number("epoch", position.epoch());
        number("sequence", position.sequence());
        number("covers_from", position.coversFrom());
        out.writeArrayFieldStart("losses");
        for (var loss : losses) {
            out.writeStartObject();
            out.writeStringField("family", loss.family());
            out.writeStringField("reason", JsonLosses.name(loss.reason()));
            number("rows", loss.rows());
            number("from", loss.fromMicros());
            number("to", loss.toMicros());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeArrayFieldStart("blocks");
        for (var block : blocks) {
            block(block);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void block(ColumnBlock block) throws IOException {
        out.writeStartObject();
        out.writeStringField("family", block.schema().family());
        out.writeArrayFieldStart("columns");
        for (var column : block.schema().columns()) {
            out.writeStartObject();
            out.writeStringField("name", column.name());
            out.writeStringField("type", column.type().sqlName());
            out.writeStringField("role", column.role().declaredName());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("target", block.target());
        number("collected_at", block.collectedAtMicros());
        out.writeArrayFieldStart("rows");
        for (int row = 0; row < block.rows(); row++) {
            row(block, row);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void row(ColumnBlock block, int row) throws IOException {
        out.writeStartArray();
        for (int column = 0; column < block.vectors().size(); column++) {
            var vector = block.vectors().get(column);
            if (vector.isNull(row)) {
                out.writeNull();
            } else {
                value(block.schema().columns().get(column), vector, row);
            }
        }
        out.writeEndArray();
    }

    private void value(Column column, ColumnVector vector, int row) throws IOException {
        if (vector instanceof ColumnVector.Texts texts) {
            var bytes = texts.dictionary()[texts.indexes()[row]];
            out.writeUTF8String(bytes, 0, bytes.length);
        } else if (vector instanceof ColumnVector.Doubles doubles) {
            out.writeNumber(doubles.values()[row]);
        } else {
            long value = ((ColumnVector.Longs) vector).values()[row];
            if (column.type() == ColumnType.BOOL) {
                out.writeBoolean(value != 0);
            } else if (column.type() == ColumnType.INT4) {
                out.writeNumber(value);
            } else {
                out.writeString(Long.toString(value));
            }
        }
    }

    private void number(String name, long value) throws IOException {
        out.writeStringField(name, Long.toString(value));
    }
}

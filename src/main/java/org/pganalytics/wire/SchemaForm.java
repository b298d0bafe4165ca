package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Names;

/** A family's name and columns; the fingerprint is not sent, both sides compute it. */
final class SchemaForm {
    private SchemaForm() {}

    static void write(Frame.Schema frame, FieldsOut out) {
        var columns = new BytesOut(0xFFFF);
        for (var column : frame.schema().columns()) {
            var name = column.name().getBytes(StandardCharsets.UTF_8);
            columns.u8(name.length).bytes(name);
            columns.u8(column.type().wireCode()).u8(column.role().wireCode());
        }
        out.text(1, frame.schema().family(), Names.FAMILY_NAME_MAX).bytes(2, columns.toArray());
    }

    static Frame.Schema read(FieldsIn in) {
        var columns = new ArrayList<Column>();
        var list = in.list(2);
        try {
            while (list.remaining() > 0) {
                if (columns.size() == FamilySchema.COLUMNS_MAX) {
                    throw list.bad("more than %d columns".formatted(FamilySchema.COLUMNS_MAX));
                }
                columns.add(column(list));
            }
            return new Frame.Schema(FamilySchema.of(in.text(1, Names.FAMILY_NAME_MAX), columns));
        } catch (IllegalArgumentException broken) {
            throw Fault.BAD_FRAME.because(broken.getMessage());
        }
    }

    private static Column column(BytesIn in) {
        var name = new String(in.copy(in.u8(), "a column's name"), StandardCharsets.ISO_8859_1);
        int type = in.u8();
        int role = in.u8();
        return new Column(
                name,
                ColumnType.ofWireCode(type).orElseThrow(() -> in.bad("column type %d is not known".formatted(type))),
                ColumnRole.ofWireCode(role).orElseThrow(() -> in.bad("column role %d is not known".formatted(role))));
    }
}

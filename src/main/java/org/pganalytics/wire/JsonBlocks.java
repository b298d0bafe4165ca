package org.pganalytics.wire;

import com.fasterxml.jackson.core.JsonToken;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

/** The blocks of a push in JSON. */
final class JsonBlocks {
    private final JsonIn in;
    private final Allowance allowance;

    JsonBlocks(JsonIn in, Allowance allowance) {
        this.in = in;
        this.allowance = allowance;
    }

    List<ColumnBlock> read() {
        var blocks = new ArrayList<ColumnBlock>();
        in.array("blocks");
        while (in.elementObject("a block")) {
            blocks.add(block());
        }
        return blocks;
    }

    private ColumnBlock block() {
        String family = null;
        List<Column> columns = null;
        String target = null;
        Long collectedAt = null;
        for (var name = in.member("a block"); name != null; name = in.member("a block")) {
            switch (name) {
                case "family" -> family = text("family");
                case "columns" -> columns = columns();
                case "target" -> target = target();
                case "collected_at" -> collectedAt = collectedAt();
                case "rows" -> {
                    if (family == null || columns == null || target == null || collectedAt == null) {
                        throw in.bad("family, columns, target and collected_at come before rows");
                    }
                    return rows(schema(family, columns), target, collectedAt);
                }
                default -> throw in.bad("a block has no member " + name);
            }
        }
        throw in.bad("a block needs rows");
    }

    private String text(String what) {
        in.next();
        return in.text(what);
    }

    private long collectedAt() {
        in.next();
        return in.timestamptz("collected_at");
    }

    private String target() {
        var target = text("target");
        var bytes = Utf8.utf8OrNull(target);
        if (bytes == null
                || target.isEmpty()
                || target.length() > ColumnBlock.TARGET_LENGTH_MAX
                || Utf8.hasControls(target)) {
            throw in.bad("target must have 1 to %d characters, none of them a control character"
                    .formatted(ColumnBlock.TARGET_LENGTH_MAX));
        }
        return target;
    }

    private FamilySchema schema(String family, List<Column> columns) {
        try {
            return FamilySchema.of(family, columns);
        } catch (IllegalArgumentException broken) {
            throw in.bad(broken.getMessage());
        }
    }

    private List<Column> columns() {
        var columns = new ArrayList<Column>();
        in.array("columns");
        while (in.elementObject("a column")) {
            if (columns.size() == FamilySchema.COLUMNS_MAX) {
                throw in.bad("more than %d columns".formatted(FamilySchema.COLUMNS_MAX));
            }
            columns.add(column());
        }
        return columns;
    }

    private Column column() {
        String columnName = null;
        ColumnType type = null;
        ColumnRole role = null;
        for (var name = in.member("a column"); name != null; name = in.member("a column")) {
            switch (name) {
                case "name" -> columnName = text("name");
                case "type" ->
                    type = ColumnType.ofSqlName(text("type"))
                            .orElseThrow(() -> in.bad("this column type is not known"));
                case "role" ->
                    role = ColumnRole.ofDeclaredName(text("role"))
                            .orElseThrow(() -> in.bad("this column role is not known"));
                default -> throw in.bad("a column has no member " + name);
            }
        }
        if (columnName == null || type == null || role == null) {
            throw in.bad("a column needs name, type and role");
        }
        try {
            return new Column(columnName, type, role);
        } catch (IllegalArgumentException broken) {
            throw in.bad(broken.getMessage());
        }
    }

    private ColumnBlock rows(FamilySchema schema, String target, long collectedAt) {
        var columns = schema.columns();
        allowance.block(columns.size());
        var builders = columns.stream().map(VectorBuilder::of).toList();
        int rows = 0;
        in.array("rows");
        while (in.elementArray("a row")) {
            allowance.rows(1, columns.size());
            for (var builder : builders) {
                in.next();
                builder.add(in);
            }
            if (in.next() != JsonToken.END_ARRAY) {
                throw in.bad("a row has more values than the block has columns");
            }
            rows++;
        }
        if (rows == 0) {
            throw in.bad("a block needs at least one row");
        }
        if (in.member("a block") != null) {
            throw in.bad("nothing may follow the rows of a block");
        }
        List<ColumnVector> vectors = builders.stream().map(VectorBuilder::build).toList();
        return new ColumnBlock(schema, target, collectedAt, rows, vectors);
    }
}

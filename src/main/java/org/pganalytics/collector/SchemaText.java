package org.pganalytics.collector;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;

/** A schema's form in the spool, where it outlives a change of the family's file: {@code family name:type:role …}. */
final class SchemaText {
    private SchemaText() {}

    static String format(FamilySchema schema) {
        return schema.columns().stream()
                .map(column -> column.name()
                        + ':'
                        + column.type().wireCode()
                        + ':'
                        + column.role().wireCode())
                .collect(Collectors.joining(" ", schema.family() + ' ', ""));
    }

    static FamilySchema parse(String text) {
        var parts = text.split(" ");
        return FamilySchema.of(
                parts[0], Arrays.stream(parts).skip(1).map(SchemaText::column).toList());
    }

    private static Column column(String text) {
        var parts = text.split(":");
        return new Column(
                parts[0],
                ColumnType.ofWireCode(Integer.parseInt(parts[1])).orElseThrow(),
                ColumnRole.ofWireCode(Integer.parseInt(parts[2])).orElseThrow());
    }
}

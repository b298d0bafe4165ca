package org.pganalytics.model;

/** One column of a family. @param name 1 to 63 of a-z, 0-9 and _, not starting with a digit */
public record Column(String name, ColumnType type, ColumnRole role) {
    public Column {
        if (!Names.isIdentifier(name)) {
            throw new IllegalArgumentException(
                    "column name '%s' must be 1 to 63 of a-z, 0-9, _ and not start with a digit".formatted(name));
        }
    }
}

package org.pganalytics.model;

import java.util.Arrays;
import java.util.Optional;

/** The types a family's column may have. Wire codes are protocol: append, never renumber. */
public enum ColumnType {
    BOOL(1, "bool"),
    INT4(2, "int4"),
    INT8(3, "int8"),
    FLOAT8(4, "float8"),
    TEXT(5, "text"),
    /** Microseconds since 1970-01-01T00:00:00Z on the wire and in memory. */
    TIMESTAMPTZ(6, "timestamptz");

    private final int wireCode;
    private final String sqlName;

    ColumnType(int wireCode, String sqlName) {
        this.wireCode = wireCode;
        this.sqlName = sqlName;
    }

    public int wireCode() {
        return wireCode;
    }

    /** The type's name in PostgreSQL and in a family's declaration. */
    public String sqlName() {
        return sqlName;
    }

    public static Optional<ColumnType> ofWireCode(int code) {
        return Arrays.stream(values()).filter(type -> type.wireCode == code).findFirst();
    }

    public static Optional<ColumnType> ofSqlName(String name) {
        return Arrays.stream(values()).filter(type -> type.sqlName.equals(name)).findFirst();
    }
}

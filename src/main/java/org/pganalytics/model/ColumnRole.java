package org.pganalytics.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a column means. Wire codes are protocol: append, never renumber. */
public enum ColumnRole {
    /** What the row is about. */
    KEY(1),
    /** Cumulative since a reset; only its differences mean something. */
    COUNTER(2),
    GAUGE(3),
    TEXT(4);

    private final int wireCode;

    ColumnRole(int wireCode) {
        this.wireCode = wireCode;
    }

    public int wireCode() {
        return wireCode;
    }

    /** The role's name in a family's declaration. */
    public String declaredName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<ColumnRole> ofWireCode(int code) {
        return Arrays.stream(values()).filter(role -> role.wireCode == code).findFirst();
    }

    public static Optional<ColumnRole> ofDeclaredName(String name) {
        return Arrays.stream(values())
                .filter(role -> role.declaredName().equals(name))
                .findFirst();
    }
}

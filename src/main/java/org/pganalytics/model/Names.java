package org.pganalytics.model;

import java.util.regex.Pattern;

/** Which names may become identifiers of tables and columns without quoting. */
public final class Names {
    private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    /** Longest family name: leaves room in PostgreSQL's 63 bytes for a partition's suffix. */
    public static final int FAMILY_NAME_MAX = 48;

    private Names() {}

    public static boolean isIdentifier(String name) {
        return IDENTIFIER.matcher(name).matches();
    }

    public static boolean isFamily(String name) {
        return isIdentifier(name) && name.length() <= FAMILY_NAME_MAX;
    }
}

package org.pganalytics.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The columns of a family as one version of it declares them. Every table has {@code time} and {@code target_id}
 * besides, which no column may be called.
 *
 * @param family 1 to 48 of a-z, 0-9 and _
 * @param columns 1 to 256, names distinct
 * @param fingerprint the first eight bytes, big-endian, of the SHA-256 over {@code family\n} and then
 *     {@code name:type code:role code\n} for each column, in UTF-8 (docs/protocol.md)
 */
public record FamilySchema(String family, List<Column> columns, long fingerprint) {
    public static final int COLUMNS_MAX = 256;

    public FamilySchema {
        columns = List.copyOf(columns);
    }

    /** @throws IllegalArgumentException when the name or the columns break a rule above; says which */
    public static FamilySchema of(String family, List<Column> columns) {
        if (!Names.isFamily(family)) {
            throw new IllegalArgumentException(
                    "family name '%s' must be 1 to %d of a-z, 0-9, _ and not start with a digit"
                            .formatted(family, Names.FAMILY_NAME_MAX));
        }
        if (columns.isEmpty() || columns.size() > COLUMNS_MAX) {
            throw new IllegalArgumentException(
                    "family %s has %d columns, allowed are 1 to %d".formatted(family, columns.size(), COLUMNS_MAX));
        }
        var names = new HashSet<>(List.of("time", "target_id"));
        for (var column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException(
                        "family %s: column %s is reserved or stands twice".formatted(family, column.name()));
            }
        }
        return new FamilySchema(family, columns, fingerprint(family, columns));
    }

    /**
     * Columns as a database spells them that remembers them. What a later version of the server has added is left out.
     *
     * @param types SQL names @param roles as they are declared
     */
    public static List<Column> known(String[] names, String[] types, String[] roles) {
        var columns = new ArrayList<Column>();
        for (int i = 0; i < names.length; i++) {
            var type = ColumnType.ofSqlName(types[i]);
            var role = ColumnRole.ofDeclaredName(roles[i]);
            if (type.isPresent() && role.isPresent()) {
                columns.add(new Column(names[i], type.get(), role.get()));
            }
        }
        return columns;
    }

    private static long fingerprint(String family, List<Column> columns) {
        var text = new StringBuilder(family).append('\n');
        for (var column : columns) {
            text.append(column.name()).append(':').append(column.type().wireCode());
            text.append(':').append(column.role().wireCode()).append('\n');
        }
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return ByteBuffer.wrap(sha.digest(text.toString().getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}

package org.pganalytics.identity.sealed;

import java.util.List;
import org.pganalytics.secrets.Envelope;

/**
 * Where the database has sealed values.
 *
 * @param key the column that is the table's primary key
 */
record SealedColumn(String table, String column, String key) {
    /** All of them. */
    static final List<SealedColumn> ALL = List.of(new SealedColumn("person_totp", "secret", "person"));

    private static final String KEY_ID = "convert_from(substr(%1$s, 3, get_byte(%1$s, 1)), 'SQL_ASCII')";

    String countByKey() {
        return "SELECT %s AS id, count(*) AS values FROM %s GROUP BY 1".formatted(KEY_ID.formatted(column), table);
    }

    /** Of the keys {@code $1}, at most {@code $2}, without the rows {@code $3} and those that somebody else is at. */
    String underKeys() {
        return """
                SELECT %1$s::text AS row, %2$s AS sealed FROM %3$s WHERE %4$s = ANY ($1) AND NOT %1$s::text = ANY ($3)
                ORDER BY 1 LIMIT $2
                FOR UPDATE SKIP LOCKED
                """.formatted(key, column, table, KEY_ID.formatted(column));
    }

    /** Removes the rows of the key {@code $1}: without their secret they are of no use. */
    String discard() {
        return "DELETE FROM %s WHERE %s = $1".formatted(table, KEY_ID.formatted(column));
    }

    /** The value {@code $2} into the row {@code $1}. */
    String put() {
        return "UPDATE %s SET %s = $2 WHERE %s::text = $1".formatted(table, column, key);
    }

    Envelope.Place place(String row) {
        return new Envelope.Place(table, column, row);
    }
}

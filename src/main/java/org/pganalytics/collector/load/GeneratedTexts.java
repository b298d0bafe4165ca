package org.pganalytics.collector.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;

/** The texts of one column: names that stay with their row, states from a short list, and whole statements. */
final class GeneratedTexts {
    private static final String[] NOUNS = {
        "orders", "customers", "invoices", "sessions", "events", "Straßen", "商品", "измерения", "naïve_café", "log🪵"
    };
    private static final String[] STATES = {"active", "idle", "idle in transaction", "ClientRead", "", "WALSync"};
    private static final int STATEMENT_COLUMNS_MAX = 20;
    private static final int ROWS_OF_A_PLACE = 60;

    private GeneratedTexts() {}

    static ColumnVector.Texts vector(ValueSource values, Column column, MetricFamily family, int rows) {
        var indexes = new int[rows];
        if (column.role() != ColumnRole.KEY && family.kind() == MetricFamily.Kind.SAMPLES) {
            return states(values, column, indexes);
        }
        if (!isNameOfRow(column, family)) {
            return placeNames(values, indexes);
        }
        var dictionary = new byte[rows][];
        for (int row = 0; row < rows; row++) {
            var text = family.kind() == MetricFamily.Kind.DICTIONARY ? statement(values, row) : name(values, row);
            dictionary[row] = text.getBytes(StandardCharsets.UTF_8);
            indexes[row] = row;
        }
        return new ColumnVector.Texts(dictionary, indexes);
    }

    /** A row's own name is the last text of its key, or a text that is explained; those before it say where it is. */
    private static boolean isNameOfRow(Column column, MetricFamily family) {
        var texts = family.schema().columns().stream()
                .filter(other -> other.type() == ColumnType.TEXT && other.role() == ColumnRole.KEY)
                .toList();
        return column.role() != ColumnRole.KEY || column.equals(texts.get(texts.size() - 1));
    }

    /** Databases, schemas: the same for many rows that follow each other. */
    private static ColumnVector.Texts placeNames(ValueSource values, int[] indexes) {
        int places = 1 + (indexes.length - 1) / ROWS_OF_A_PLACE;
        var dictionary = new byte[places][];
        for (int place = 0; place < places; place++) {
            dictionary[place] = name(values, place).getBytes(StandardCharsets.UTF_8);
        }
        Arrays.setAll(indexes, row -> row / ROWS_OF_A_PLACE);
        return new ColumnVector.Texts(dictionary, indexes);
    }

    private static ColumnVector.Texts states(ValueSource values, Column column, int[] indexes) {
        var dictionary = new byte[STATES.length][];
        for (int at = 0; at < STATES.length; at++) {
            dictionary[at] = STATES[at].getBytes(StandardCharsets.UTF_8);
        }
        for (int row = 0; row < indexes.length; row++) {
            indexes[row] = values.isNull(row, column.role())
                    ? -1
                    : ValueSource.pick(values.fleeting(row) >>> 8, STATES.length);
        }
        return new ColumnVector.Texts(dictionary, indexes);
    }

    /** The row's number keeps names of one column distinct. */
    private static String name(ValueSource values, int row) {
        return NOUNS[ValueSource.pick(values.lasting(row), NOUNS.length)] + '_' + row;
    }

    private static String statement(ValueSource values, int row) {
        long random = values.lasting(row);
        var text = new StringBuilder("SELECT id");
        int columns = ValueSource.pick(random, STATEMENT_COLUMNS_MAX);
        for (int at = 0; at < columns; at++) {
            text.append(", ").append(NOUNS[ValueSource.pick(random >>> at, NOUNS.length)]);
            text.append("_c").append(at);
        }
        text.append("\nFROM \"").append(name(values, row)).append("\"\nWHERE id = $1 AND état <> 'it''s \\ \"x\"'");
        return text.toString();
    }
}

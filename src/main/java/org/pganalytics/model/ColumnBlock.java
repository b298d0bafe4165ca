package org.pganalytics.model;

import java.util.List;

/**
 * Rows of one family, seen on one target at one moment.
 *
 * @param target the watched server's name as its collector calls it; 1 to 255 characters
 * @param collectedAtMicros µs since 1970-01-01T00:00:00Z; the {@code time} of every row
 * @param rows at least 1
 * @param vectors one a column of the schema, in its order, each of {@code rows} values
 */
public record ColumnBlock(
        FamilySchema schema, String target, long collectedAtMicros, int rows, List<ColumnVector> vectors) {
    public static final int TARGET_LENGTH_MAX = 255;

    public ColumnBlock {
        vectors = List.copyOf(vectors);
        if (vectors.size() != schema.columns().size()) {
            throw new IllegalArgumentException("%d vectors for %d columns of %s"
                    .formatted(vectors.size(), schema.columns().size(), schema.family()));
        }
        for (var vector : vectors) {
            if (vector.rows() != rows) {
                throw new IllegalArgumentException(
                        "a vector of %d values in a block of %d rows".formatted(vector.rows(), rows));
            }
        }
    }
}

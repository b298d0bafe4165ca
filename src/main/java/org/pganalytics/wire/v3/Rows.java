package org.pganalytics.wire.v3;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;

/** The rows of one section in one object, and the row that is being filled. */
final class Rows {
    private final Section section;
    private final Cells[] cells;
    private int count;
    private boolean begun;

    /** @param expected how many there may be; a guess */
    Rows(Section section, int expected) {
        this.section = section;
        this.cells = section.schema().columns().stream()
                .map(column -> new Cells(column, expected))
                .toArray(Cells[]::new);
    }

    /** The column's cells, for the row that is being filled. */
    Cells cells(int column) {
        begun = true;
        return cells[column];
    }

    int count() {
        return count;
    }

    /** Whether the row that is being filled has got anything. */
    boolean begun() {
        return begun;
    }

    void endRow() {
        count++;
        begun = false;
    }

    void dropRow() {
        Arrays.stream(cells).forEach(cell -> cell.clear(count));
        begun = false;
    }

    Section section() {
        return section;
    }

    long bytes() {
        return Arrays.stream(cells).mapToLong(Cells::bytes).sum();
    }

    /** @param from first row @param to the row after the last; there is at least one */
    ColumnBlock block(String target, String database, long micros, int from, int to) {
        var vectors = new ArrayList<ColumnVector>(cells.length);
        var none = new NoValues(to - from);
        for (int column = 0; column < cells.length; column++) {
            vectors.add(
                    column == section.databaseColumn() && !database.isEmpty()
                            ? same(database, to - from)
                            : cells[column].vector(from, to, none));
        }
        return new ColumnBlock(section.schema(), target, micros, to - from, vectors);
    }

    private static ColumnVector same(String text, int rows) {
        return new ColumnVector.Texts(new byte[][] {text.getBytes(StandardCharsets.UTF_8)}, new int[rows]);
    }

    /** Hashes of the rows' texts, by which a line of a log is known again. */
    long[] hashes() {
        var hashes = new long[count];
        for (int row = 0; row < count; row++) {
            var line = new StringBuilder();
            for (int column = 0; column < cells.length; column++) {
                line.append(cells[column].text(row)).append('\n');
            }
            var digest =
                    Digest.of(line.toString().getBytes(StandardCharsets.UTF_8)).bytes();
            hashes[row] = ByteBuffer.wrap(digest).getLong();
        }
        return hashes;
    }
}

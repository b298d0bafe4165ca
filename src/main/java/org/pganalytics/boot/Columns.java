package org.pganalytics.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lays out a table for a terminal: each column is as wide as the longest text in it. */
final class Columns {
    private static final String GAP = "  ";

    private Columns() {}

    /** @param rows each with as many cells as the head */
    static String of(List<String> head, List<List<String>> rows) {
        var lines = Stream.concat(Stream.of(head), rows.stream())
                .map(cells -> cells.stream().map(Columns::onOneLine).toList())
                .toList();
        var widths = IntStream.range(0, head.size())
                .map(column -> lines.stream()
                        .mapToInt(cells -> width(cells.get(column)))
                        .max()
                        .orElse(0))
                .toArray();
        return lines.stream().map(cells -> line(cells, widths)).collect(Collectors.joining(System.lineSeparator()));
    }

    private static String line(List<String> cells, int[] widths) {
        var padded = new ArrayList<String>();
        for (int column = 0; column < widths.length; column++) {
            var cell = cells.get(column);
            padded.add(cell + " ".repeat(widths[column] - width(cell)));
        }
        return String.join(GAP, padded).stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** Without what a terminal would obey. */
    private static String onOneLine(String cell) {
        return cell.replaceAll("\\p{Cntrl}", " ");
    }
}

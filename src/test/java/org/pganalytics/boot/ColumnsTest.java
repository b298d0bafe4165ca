package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Columns line up, whatever stands in them. */
class ColumnsTest {
    private static List<String> lines(List<List<String>> rows) {
        return Columns.of(List.of("name", "state", "note"), rows).lines().toList();
    }

    @Test
    void eachIsAsWideAsItsLongestCell() {
        assertEquals(
                List.of("name            state  note", "a               up     x", "a longer naïve  down   longer"),
                lines(List.of(List.of("a", "up", "x"), List.of("a longer naïve", "down", "longer"))));
    }

    @Test
    void theHeadAloneIsATable() {
        assertEquals(List.of("name  state  note"), lines(List.of()));
    }

    @Test
    void aCellStaysOnItsLineAndTellsATerminalNothing() {
        assertEquals(
                List.of("name      state  note", "a b  [2J  up"), lines(List.of(List.of("a\nb \u001b[2J", "up", ""))));
    }
}

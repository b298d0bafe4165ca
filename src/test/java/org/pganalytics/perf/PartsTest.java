package org.pganalytics.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartsTest {
    @Test
    void whatWasAskedForByNameAndCannotBeHasFailed() {
        var named = Parts.of("wire,victoria,copy-direct", "short");
        var all = Parts.of("", "full");
        for (var parts : List.of(named, all)) {
            parts.lacks("victoria", "VictoriaMetrics");
            parts.lacks("disk", "TimescaleDB");
            parts.lacks("copy-direct", "TimescaleDB");
        }

        assertEquals(List.of("victoria", "copy-direct"), named.failed());
        assertEquals(List.of(), all.failed());
    }

    @Test
    void aPartThatFailsDoesNotEndTheRun() {
        var parts = Parts.of("wire,heap", "short");
        parts.run("wire", () -> {
            throw new ArithmeticException("a bug");
        });
        parts.run("heap", () -> {});

        assertEquals(List.of("wire"), parts.failed());
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "wire,", "wires", "wire copy"})
    void aNameThatNoPartHasIsRefused(String names) {
        assertThrows(IllegalArgumentException.class, () -> Parts.of(names, "short"));
    }
}

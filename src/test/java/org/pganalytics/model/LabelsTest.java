package org.pganalytics.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTest {
    @Test
    void aValueMayHoldQuotesAndFurtherSigns() {
        assertEquals(
                Map.of("owner", "O'Brien \"DBA\"; DROP TABLE x --", "a.b-c_1", "x=y"),
                Labels.parse(List.of("owner=O'Brien \"DBA\"; DROP TABLE x --", "a.b-c_1=x=y")));
        assertEquals(Map.of(), Labels.parse(List.of()));
        assertEquals(Map.of("k", "ü".repeat(64)), Labels.parse(List.of("k=" + "ü".repeat(64))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "env", "env=", "=prod", "Env=prod", "-e=x", "e v=x", "e=a,b", "e=a\nb", "e=\0", "e=\uD800"})
    void whatIsNoLabelIsRefusedWithTheForm(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Labels.parse(List.of(text)));
        assertTrue(refusal.getMessage().startsWith("labels must be key=value"), refusal.getMessage());
    }

    @Test
    void theLimitsHoldOnBothSides() {
        Labels.parse(IntStream.range(0, 32).mapToObj(n -> "k" + n + "=v").toList());
        assertThrows(
                IllegalArgumentException.class,
                () -> Labels.parse(
                        IntStream.range(0, 33).mapToObj(n -> "k" + n + "=v").toList()));
        Labels.parse(List.of("k".repeat(63) + "=" + "v".repeat(128)));
        assertThrows(IllegalArgumentException.class, () -> Labels.parse(List.of("k".repeat(64) + "=v")));
        assertThrows(IllegalArgumentException.class, () -> Labels.parse(List.of("k=" + "ü".repeat(65))));
        assertThrows(IllegalArgumentException.class, () -> Labels.parse(List.of("k=a", "k=b")));
    }
}

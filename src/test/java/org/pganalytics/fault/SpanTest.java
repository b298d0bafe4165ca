package org.pganalytics.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpanTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.25S, 250ms",
        "PT1.5S, 1500ms",
        "PT1S, 1s",
        "PT90S, 90s",
        "PT10M, 10m",
        "PT36H, 36h",
        "P2D, 2d",
        "PT-1S, -1s"
    })
    void aDurationIsWrittenAsInAConfiguration(Duration duration, String text) {
        assertEquals(text, Span.text(duration));
    }
}

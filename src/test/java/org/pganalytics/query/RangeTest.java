package org.pganalytics.query;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A range begins with a whole roll-up where that is at most a hundredth of it, and else with a whole minute. */
class RangeTest {
    private static final Instant TO = Instant.parse("2026-05-10T12:34:56Z");

    @ParameterizedTest
    @CsvSource({
        "PT1S, 2026-05-10T12:34:00Z",
        "PT1H, 2026-05-10T11:34:00Z",
        "PT16H39M59S, 2026-05-09T19:54:00Z",
        "PT16H40M, 2026-05-09T19:50:00Z",
        "PT24H, 2026-05-09T12:30:00Z",
        "PT99H59M59S, 2026-05-06T08:30:00Z",
        "PT100H, 2026-05-06T08:00:00Z",
        "P31D, 2026-04-09T12:00:00Z",
        "P30000D, 1944-03-21T12:00:00Z"
    })
    void itBeginsAtMostAHundredthEarlier(Duration length, Instant begin) {
        assertEquals(new Range(begin, TO), new Range(TO.minus(length), TO).fromABoundary());
    }
}

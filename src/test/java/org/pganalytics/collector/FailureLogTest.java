package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A target that fails in many ways at once fills no log, and nothing that happened is left unsaid. */
class FailureLogTest {
    private final List<String> lines = new ArrayList<>();
    private final FailureLog log = new FailureLog(lines::add);

    @Test
    void theFirstIsSaidAtOnceAndTheOthersAreCountedOnceAMinute() {
        for (int failure = 0; failure < 40; failure++) {
            log.failed("connection closed " + failure, seconds(failure));
        }
        assertEquals(List.of("connection closed 0"), lines);
        log.look(seconds(59));
        assertEquals(1, lines.size());
        log.look(seconds(60));
        assertEquals("39 more failures, the latest: connection closed 39", lines.get(1));
        log.failed("again", seconds(61));
        log.look(seconds(119));
        assertEquals(2, lines.size());
        log.look(seconds(120));
        assertEquals("again", lines.get(2));
        log.look(seconds(300));
        log.failed("much later", seconds(301));
        assertEquals(List.of("again", "much later"), lines.subList(2, lines.size()));
    }

    @Test
    void whatWasCountedIsSaidBeforeWhatIsNew() {
        log.failed("first", seconds(0));
        log.failed("second", seconds(1));
        log.failed("third", seconds(70));
        log.look(seconds(130));
        assertEquals(List.of("first", "second", "third"), lines);
    }

    private static long seconds(int number) {
        return Duration.ofSeconds(number).toNanos();
    }
}

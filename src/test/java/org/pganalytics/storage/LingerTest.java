package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LingerTest {
    @Test
    void theFirstBatchOfAQuietServerDoesNotWait() {
        assertEquals(0, new Linger(Duration.ofMillis(10)).millis());
    }

    @Test
    void companyMakesItWaitUpToTheLimit() {
        var linger = new Linger(Duration.ofMillis(10));
        assertEquals("[1, 2, 4, 8, 10, 10]", waits(linger, 2, 6));
    }

    @Test
    void waitingAloneIsGivenUpSoon() {
        var linger = new Linger(Duration.ofMillis(10));
        waits(linger, 9, 5);
        assertEquals("[5, 2, 1, 0, 0]", waits(linger, 1, 5));
    }

    @Test
    void aLimitOfNothingIsKept() {
        assertEquals("[0, 0]", waits(new Linger(Duration.ZERO), 7, 2));
    }

    private static String waits(Linger linger, int batches, int groups) {
        return IntStream.range(0, groups)
                .mapToLong(group -> {
                    linger.took(batches);
                    return linger.millis();
                })
                .boxed()
                .toList()
                .toString();
    }
}

package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReachTest {
    private final Reach reach = new Reach(new Random(1));

    private boolean isAway(long secondsAfter) {
        return reach.away(Duration.ofSeconds(secondsAfter).toNanos()).isPresent();
    }

    @Test
    void howeverLongAServerWasAwayItIsTriedAgainWithinASampleOrTwo() {
        for (int i = 0; i < 100; i++) {
            assertInstanceOf(TargetAway.class, reach.failed(new ConnectException("refused"), true, 0));
        }
        assertTrue(isAway(7), "it is not stormed");
        assertFalse(isAway(15), "a server that has restarted is not left unseen for long");
    }

    @Test
    void theFirstWaitIsShortAndSoItIsAgainAfterAnAnswer() {
        reach.failed(new ConnectException("refused"), true, 0);
        assertFalse(isAway(1));
        for (int i = 0; i < 10; i++) {
            reach.failed(new ConnectException("refused"), true, 0);
        }
        reach.reached();
        assertFalse(isAway(0));
        reach.failed(new ConnectException("refused"), true, 0);
        assertFalse(isAway(1));
    }

    @Test
    void aDatabaseThatIsGoneIsNoServerThatIsAway() {
        var gone = new PgException("database \"x\" does not exist", "FATAL", "3D000", null);
        assertSame(gone, reach.failed(gone, false, 0));
        assertFalse(isAway(0));
        var starting = new PgException("the database system is starting up", "FATAL", "57P03", null);
        assertInstanceOf(TargetAway.class, reach.failed(starting, false, 0));
        assertTrue(isAway(0));
    }
}

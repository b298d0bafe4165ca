package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.collector.Condition.State;
import org.pganalytics.collector.Condition.Unreadable;

/** What one database lacks is tried again there now and then, and is held against no other. */
class EachDatabaseTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final Unreadable NO_TABLE = new Unreadable(State.MISSING, "no such table");
    private static final long RETRY = FamilyJob.LASTING_RETRY.toNanos();

    private final long[] now = {Long.MAX_VALUE - 5};
    private final Map<String, Throwable> failures = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final EachDatabase databases = new EachDatabase(() -> now[0]);

    private Future<Condition> read(String family) {
        asked.clear();
        return databases.read(family, NAMES, name -> {
            asked.add(name);
            return failures.containsKey(name) ? Future.failedFuture(failures.get(name)) : Future.succeededFuture();
        });
    }

    private Future<Condition> read() {
        return read("orders");
    }

    @Test
    void whatOneLacksIsSaidOfItAloneAndTheOthersAreReadEachTime() {
        failures.put("a", NO_TABLE);
        var lacking = new Condition(State.MISSING, "", "it is not read in database a: no such table");
        assertEquals(lacking, read().result());
        assertEquals(NAMES, asked);
        now[0] += RETRY - 1;
        assertEquals(lacking, read().result(), "the same, so that it is no news");
        assertEquals(List.of("b", "c"), asked);
    }

    @Test
    void oneThatLackedItIsTriedAgainAfterATimeAndThenReadAsTheOthers() {
        failures.put("b", NO_TABLE);
        read();
        failures.clear();
        now[0] += RETRY;
        assertEquals(Condition.OK, read().result());
        assertEquals(List.of("a", "c", "b"), asked, "last, since the others may be found to be another server's");
        assertEquals(Condition.OK, read().result());
        assertEquals(NAMES, asked);
    }

    @Test
    void oneThatLacksItStillWaitsAsLongAgain() {
        failures.put("b", NO_TABLE);
        read();
        now[0] += RETRY;
        read();
        assertEquals(List.of("a", "c", "b"), asked);
        now[0] += RETRY - 1;
        read();
        assertEquals(List.of("a", "c"), asked);
    }

    @Test
    void whatAllLackIsAFailureOfTheFamilyAndEachTimeTriedInAll() {
        NAMES.forEach(name -> failures.put(name, NO_TABLE));
        for (int time = 0; time < 2; time++) {
            assertSame(NO_TABLE, read().cause());
            assertEquals(NAMES, asked);
        }
    }

    @Test
    void whatMayPassIsAFailureOfTheFamilyWhateverOthersLack() {
        var reset = new IllegalStateException("connection reset");
        failures.put("a", reset);
        failures.put("b", NO_TABLE);
        assertSame(reset, read().cause());
        assertEquals(NAMES, asked);
        assertSame(reset, read().cause());
        assertEquals(List.of("a", "c"), asked);
    }

    @Test
    void anotherServerThatIsMetMeanwhileIsAskedAtOnceForWhatTheOneBeforeLacked() {
        failures.put("a", NO_TABLE);
        read();
        asked.clear();
        var found = databases.read("orders", NAMES, name -> {
            if (name.equals("b")) {
                databases.forget();
            }
            asked.add(name);
            return Future.succeededFuture();
        });
        assertEquals(List.of("b", "c", "a"), asked);
        assertEquals(Condition.OK, found.result());
    }

    @Test
    void whatIsLackedForOneFamilyIsNotForAnother() {
        failures.put("a", NO_TABLE);
        read();
        failures.clear();
        assertEquals(Condition.OK, read("customers").result());
        assertEquals(NAMES, asked);
    }

    @Test
    void oneThatIsGoneIsNotSpokenOfAnyMore() {
        failures.put("a", NO_TABLE);
        read();
        var found = databases.read("orders", List.of("b", "c"), name -> Future.succeededFuture());
        assertEquals(Condition.OK, found.result());
    }

    @Test
    void ofManyTenAreNamed() {
        var many = IntStream.range(10, 40).mapToObj(number -> "shop" + number).toList();
        var found = databases.read(
                "orders",
                many,
                name -> name.equals("shop39") ? Future.succeededFuture() : Future.failedFuture(NO_TABLE));
        var message = found.result().message();
        assertTrue(message.startsWith("it is not read in databases shop10, shop11, "), message);
        assertTrue(message.endsWith(", shop19 and 19 more; in shop10: no such table"), message);
    }
}

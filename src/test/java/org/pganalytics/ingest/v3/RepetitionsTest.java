package org.pganalytics.ingest.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.tls.TlsConfig;

/** What becomes of a push that is repeated after a 401: its collector drops it with any answer but 200. */
class RepetitionsTest {
    private V3Door door;

    @BeforeEach
    void open() throws Exception {
        door = new V3Door(TlsConfig.off());
    }

    @AfterEach
    void close() throws Exception {
        door.close();
    }

    @Test
    void aFalselyLabelledRetryIsCutOffRatherThanRefused() {
        door.always(Fault.STORE_DOWN);
        assertEquals(
                0,
                door.client
                        .push(V3Door.push().encode(), "Content-Encoding: gzip\r\n")
                        .status());
        assertEquals(1, refused(Fault.STORE_DOWN, false));
    }

    private double refused(Fault fault, boolean answered) {
        return door.house
                .registry
                .counter("pganalytics.v3.retries.refused", "fault", fault.name(), "answered", "" + answered)
                .count();
    }

    private int repeated() {
        return door.client
                .push(V3Door.push().encode(), "Content-Encoding: gzip\r\n")
                .status();
    }

    private static Future<CollectorPrincipal> away(Fault fault) {
        return Future.failedFuture(fault.because("not now").retryAfter(Duration.ofMillis(10)));
    }

    @ParameterizedTest
    @EnumSource(names = {"STORE_DOWN", "RATE_LIMITED", "OVERLOADED", "INTERNAL"})
    void aRetryWhoseTokenCannotBeCheckedIsHeldUntilItCanAndStored(Fault fault) {
        door.house.doorkeeper.next.addAll(List.of(away(fault), away(fault)));
        assertEquals(200, repeated());
        assertTrue(door.rows() > 50);
        assertEquals(0, refused(fault, false));
    }

    @Test
    void aRetryIsCutOffWhenItsTokenCannotBeCheckedInTime() {
        door.house.doorkeeper.next.add(Promise.<CollectorPrincipal>promise().future());
        assertEquals(0, repeated());
        door.house.doorkeeper.next.addAll(Collections.nCopies(100, away(Fault.RATE_LIMITED)));
        assertEquals(0, repeated());
        assertEquals(1, refused(Fault.STORE_DOWN, false));
        assertEquals(1, refused(Fault.RATE_LIMITED, false));
        assertEquals(0, held());
        assertEquals(0, door.rows());
    }

    private double held() {
        return door.house.registry.get("pganalytics.v3.retries.held").gauge().value();
    }

    @Test
    void moreRetriesThanMayBeHeldAreCutOffAtOnceAndThoseHeldAreStored() throws Exception {
        var waiting = new ArrayList<Promise<CollectorPrincipal>>();
        var answers = new ArrayList<CompletableFuture<Integer>>();
        for (int i = 0; i < 2; i++) {
            waiting.add(Promise.promise());
            door.house.doorkeeper.next.add(waiting.get(i).future());
            answers.add(CompletableFuture.supplyAsync(this::repeated));
        }
        eventually("two are held", () -> held() == 2);
        door.house.doorkeeper.next.add(away(Fault.STORE_DOWN));
        assertEquals(0, repeated());
        assertEquals(1, refused(Fault.STORE_DOWN, false));
        waiting.forEach(one -> one.complete(
                new CollectorPrincipal(UUID.randomUUID(), "c", 1, Instant.now().plusSeconds(3_600))));
        for (var answer : answers) {
            assertEquals(200, answer.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aRetryThatIsNotLetInForGoodAndAFirstPushAreAnsweredAtOnce() {
        door.client.token("none");
        assertEquals(401, repeated());
        assertEquals(1, refused(Fault.UNAUTHENTICATED, true));
        door.client.token(FakeDoorkeeper.token(door.collector));
        door.house.doorkeeper.next.add(away(Fault.STORE_DOWN));
        assertEquals(503, door.client.push(V3Door.push().encode(), "").status());
        door.house.doorkeeper.next.add(away(Fault.STORE_DOWN));
        var ours = door.client.push("{\"epoch\":\"1\"}", "Content-Encoding: gzip\r\n");
        assertEquals(503, ours.status());
    }

    /** A balancer answers 502 for one that is cut off. */
    @Test
    void behindABalancerALossIsSaidAndRaisesAnAlert() throws Exception {
        door.close();
        door = new V3Door(new TlsConfig(
                TlsConfig.Mode.TERMINATED_UPSTREAM,
                null,
                null,
                List.of("TLSv1.3"),
                List.of("127.0.0.1"),
                Duration.ofSeconds(10),
                TlsConfig.ClientAuth.NONE,
                null));
        var lost = new CopyOnWriteArrayList<Event.PushLost>();
        door.house.bus.on(Event.PushLost.class, lost::add);
        door.house.doorkeeper.next.addAll(Collections.nCopies(100, away(Fault.STORE_DOWN)));
        assertEquals(503, repeated());
        assertEquals(1, refused(Fault.STORE_DOWN, true));
        eventually("it is told", () -> lost.equals(List.of(new Event.PushLost("127.0.0.1", Fault.STORE_DOWN))));
    }
}

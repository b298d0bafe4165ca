package org.pganalytics.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.tls.Networks;

/** Who counts for which limit. */
class ConnectionSlotsTest {
    private static final String TRUSTED = "10.0.0.7";
    private static final String BALANCER = "10.1.0.7";
    private static final String STRANGER = "192.0.2.7";

    private final ConnectionSlots slots = new ConnectionSlots(
            5,
            2,
            Networks.of("trusted", List.of("10.0.0.0/24")),
            Networks.of("balancers", List.of("10.1.0.0/24")),
            "tcp",
            new SimpleMeterRegistry());

    private boolean takes(String address) {
        var refusal = slots.take(address);
        refusal.ifPresent(why -> assertEquals(Fault.TOO_MANY_CONNECTIONS, why.fault()));
        return refusal.isEmpty();
    }

    @Test
    void anAddressHasSoManyAndGetsBackWhatItReleases() {
        assertTrue(takes(STRANGER), "one");
        assertTrue(takes(STRANGER), "two");
        assertTrue(!takes(STRANGER), "a third one");
        assertEquals(2, slots.used(), "who is refused takes none of all");
        slots.release(STRANGER);
        assertTrue(takes(STRANGER));
    }

    @Test
    void theTrustedAndTheBalancersCountInAllOnly() {
        for (var address : List.of(TRUSTED, BALANCER, TRUSTED, BALANCER, TRUSTED)) {
            assertTrue(takes(address), address);
        }
        assertTrue(!takes(TRUSTED) && !takes(BALANCER), "all are taken");
        slots.release(BALANCER);
        assertTrue(takes(STRANGER));
    }

    @Test
    void whoComesByABalancerCountsForTheOwnAddressUnlessThatIsTrusted() {
        assertTrue(takes(BALANCER));
        assertTrue(slots.takeOf(STRANGER).isEmpty(), "one");
        assertTrue(slots.takeOf(STRANGER).isEmpty(), "two");
        assertTrue(slots.takeOf(STRANGER).isPresent(), "a third one");
        slots.releaseOf(STRANGER);
        assertTrue(slots.takeOf(STRANGER).isEmpty());
        for (int client = 0; client < 5; client++) {
            assertTrue(slots.takeOf(TRUSTED).isEmpty());
        }
        assertEquals(1, slots.used());
    }

    /** A balancer's address is one only as a peer: as a client's it may be claimed by anybody behind a balancer. */
    @Test
    void aClientThatIsNamedByABalancersAddressIsNoBalancer() {
        assertTrue(slots.takeOf(BALANCER).isEmpty(), "one");
        assertTrue(slots.takeOf(BALANCER).isEmpty(), "two");
        assertTrue(slots.takeOf(BALANCER).isPresent());
    }
}

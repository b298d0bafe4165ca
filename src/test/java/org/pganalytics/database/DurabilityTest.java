package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class DurabilityTest {
    @Test
    void withoutASynchronousStandbyItIsSaidWhatIsAtRisk() {
        assertTrue(new Durability("").atRisk().orElseThrow().contains("synchronous_standby_names is empty"));
        assertTrue(new Durability(" ").atRisk().isPresent());
    }

    @Test
    void withOneNothingIs() {
        assertEquals(Optional.empty(), new Durability("ANY 1 (a, b)").atRisk());
    }
}

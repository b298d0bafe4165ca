package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A short schedule of {@code perf/faults}; how long each kept whom waiting is measured there. */
class FaultsIT {
    private static final long SEED = 5;
    private static final List<FaultKind> KINDS = List.of(
            FaultKind.KILL_SERVER,
            FaultKind.KILL_REDIS,
            FaultKind.CUT_FLEET,
            FaultKind.CORRUPT_FLEET,
            FaultKind.CUT_DATABASE,
            FaultKind.KILL_PRIMARY);

    @Test
    void whateverBreaksEachAcknowledgedRowIsThereOnce() throws Exception {
        var random = new Random(SEED);
        var home = Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "faults");
        try (var house = new FaultHouse(home.resolve("databases"), random, FaultVersions.thisOne())) {
            var report = new FaultRun(house, KINDS, random, System.err).once();
            assertTrue(report.isClean(), () -> "seed " + SEED + ": " + report.json());
            assertEquals(KINDS.size(), report.json().getJsonObject("faults").size());
        }
    }
}

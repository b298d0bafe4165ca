package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pganalytics.boot.FaultReport.Happened;

/** Whose a gap is, and how much of it. */
class FaultReportTest {
    private static final List<Happened> HAPPENED = List.of(
            new Happened(FaultKind.FREEZE_SERVER, 10_000, new FaultSpan(10_000, 15_000)),
            new Happened(FaultKind.KILL_SERVER, 20_000, new FaultSpan(20_000, 20_000)));

    private static JsonObject load(JsonArray gaps) {
        return new JsonObject()
                .put("rows_acked", 100)
                .put("rows_missing", 0)
                .put("rows_duplicated", 0)
                .put("content_mismatch", 0)
                .put("lost", 0)
                .put("nacked", new JsonObject().put("STORE_DOWN", 2))
                .put("link_ends", new JsonObject().put("DRAINING", 5).put("CUT", 1))
                .put("ack_gaps", gaps);
    }

    private static JsonObject gap(long from, long to) {
        return new JsonObject().put("collector", "one").put("from_ms", from).put("to_ms", to);
    }

    private static FaultReport report(JsonArray... gaps) {
        var report = new FaultReport(HAPPENED, 0.5);
        for (var one : gaps) {
            report.add(load(one));
        }
        return report;
    }

    @Test
    void whatAFaultLastsIsNotItsGapAndAMomentTakesNothingAway() {
        var report = report(new JsonArray().add(gap(9_900, 15_400)).add(gap(19_800, 20_900)));
        assertEquals(0.5, report.longestGap(FaultKind.FREEZE_SERVER), 1e-9);
        assertEquals(1.1, report.longestGap(FaultKind.KILL_SERVER), 1e-9);
        assertEquals(1.1, report.json().getDouble("longest_gap_s"));
    }

    @Test
    void theLongestOfAllFleetsCounts() {
        var report = report(new JsonArray().add(gap(20_000, 20_700)), new JsonArray().add(gap(20_100, 22_000)));
        assertEquals(1.9, report.longestGap(FaultKind.KILL_SERVER), 1e-9);
        assertEquals(200, report.json().getLong("rows_acked"));
    }

    @Test
    void aServersWordThatItGoesDownIsNoError() {
        assertEquals(3, report(new JsonArray()).errors());
    }

    @Test
    void rowsThatAreMissingOrThereTwiceAreNotClean() {
        assertTrue(report(new JsonArray()).isClean());
        for (var key : List.of("rows_missing", "rows_duplicated", "content_mismatch", "lost")) {
            var report = new FaultReport(HAPPENED, 0);
            report.add(load(new JsonArray()).put(key, 1));
            assertFalse(report.isClean(), key);
        }
        var nothing = new FaultReport(HAPPENED, 0);
        nothing.add(load(new JsonArray()).put("rows_acked", 0));
        assertFalse(nothing.isClean(), "nothing was stored");
    }
}

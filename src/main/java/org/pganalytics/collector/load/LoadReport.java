package org.pganalytics.collector.load;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.fault.Fault;

/**
 * What a run did.
 *
 * @param rowsSent rows of all batches that left, each batch once
 * @param rowsAcked rows of those that the server acknowledged as stored
 * @param rowsPerSecond acknowledged rows, from the start of the run to the last ack
 * @param valuesPerSecond likewise rows times columns
 * @param bytesPerRow bytes of batch bodies, as they left, for each row sent
 * @param latencies from the first time a batch left (after its journal entry was on disk) to its ack, whatever resends
 *     and reconnects lay between
 * @param longestGapMillis longest time between two acks of one collector
 * @param gaps those over the time that was asked for, in the order in which they began
 * @param linkEnds ends of connections by the fault that the server told, CUT where it told none; those at the run's end left
 *     out
 * @param cuts the first hundred of those
 * @param nacked refusals, by fault; the same batch may be refused several times
 * @param lost batches that were made and not settled at the end, or given up
 * @param reconnects sessions beyond the first of each collector
 * @param ticksSkipped observations not made because too much waited for its ack
 * @param verification empty when none was asked for
 */
public record LoadReport(
        long rowsSent,
        long rowsAcked,
        long batchesAcked,
        double rowsPerSecond,
        double valuesPerSecond,
        double bytesPerRow,
        Latencies latencies,
        double longestGapMillis,
        List<Gap> gaps,
        Map<String, Long> linkEnds,
        List<Cut> cuts,
        Map<Fault, Long> nacked,
        long lost,
        long reconnects,
        long ticksSkipped,
        Optional<Verification> verification) {

    /** In ms. */
    public record Latencies(double p50, double p95, double p99, double max) {}

    /** In ms since 1970. */
    public record Gap(String collector, long fromMillis, long toMillis) {}

    /** A connection that ended without a word. @param atMillis since 1970 @param welcomed whether a session was open */
    public record Cut(long atMillis, boolean welcomed, String detail) {}

    static LoadReport of(LoadCounters counters, long lost, double seconds, Optional<Verification> verification) {
        var latencies = counters.latencies;
        return new LoadReport(
                counters.rowsSent.sum(),
                counters.rowsAcked.sum(),
                counters.batchesAcked.sum(),
                counters.rowsAcked.sum() / seconds,
                counters.valuesAcked.sum() / seconds,
                counters.bytesSent.sum() / (double) Math.max(1, counters.rowsSent.sum()),
                new Latencies(
                        latencies.quantileMillis(0.50),
                        latencies.quantileMillis(0.95),
                        latencies.quantileMillis(0.99),
                        latencies.maxMillis()),
                counters.gaps.longestMillis(),
                counters.gaps.kept(),
                counters.ends(),
                counters.cuts(),
                counters.refusals(),
                lost,
                counters.reconnects.sum(),
                counters.ticksSkipped.sum(),
                verification);
    }

    /** Whether rows were stored, none was lost or refused for ever, and the database holds what it should. */
    public boolean clean() {
        return rowsAcked > 0
                && lost == 0
                && nacked.keySet().stream().noneMatch(Fault::settles)
                && verification.map(Verification::clean).orElse(true);
    }

    /** For people, a few lines. */
    public String toText() {
        var text = new StringBuilder("%,d rows sent, %,d acknowledged in %,d batches: %,.0f rows/s, %,.0f values/s%n"
                .formatted(rowsSent, rowsAcked, batchesAcked, rowsPerSecond, valuesPerSecond));
        text.append("ack after %.1f ms (median), %.1f ms (95 %%), %.1f ms (99 %%), %.1f ms at most; %.1f bytes a row%n"
                .formatted(latencies.p50(), latencies.p95(), latencies.p99(), latencies.max(), bytesPerRow));
        text.append("%.1f ms at most between two acks of a collector%n".formatted(longestGapMillis));
        text.append("refused %s, lost %,d batches, %,d reconnects, %,d observations skipped%n"
                .formatted(nacked, lost, reconnects, ticksSkipped));
        verification.ifPresent(found -> {
            text.append("the database, %d families: %,d rows missing, %,d doubled, %,d altered%n"
                    .formatted(found.families(), found.rowsMissing(), found.rowsDuplicated(), found.contentMismatch()));
            found.details().forEach(detail -> text.append("  %s%n".formatted(detail)));
        });
        return text.append(clean() ? "clean" : rowsAcked == 0 ? "FAILED: nothing was stored" : "FAILED")
                .toString();
    }

    /** One line. */
    public String toJson() {
        var json = new JsonObject()
                .put("rows_sent", rowsSent)
                .put("rows_acked", rowsAcked)
                .put("batches_acked", batchesAcked)
                .put("rows_per_s", rounded(rowsPerSecond))
                .put("values_per_s", rounded(valuesPerSecond))
                .put("bytes_per_row", rounded(bytesPerRow))
                .put(
                        "ack_ms",
                        new JsonObject()
                                .put("p50", rounded(latencies.p50()))
                                .put("p95", rounded(latencies.p95()))
                                .put("p99", rounded(latencies.p99()))
                                .put("max", rounded(latencies.max())));
        json.put("ack_gap_ms_max", rounded(longestGapMillis));
        if (!gaps.isEmpty()) {
            json.put(
                    "ack_gaps",
                    new JsonArray(gaps.stream().map(LoadReport::json).toList()));
        }
        json.put("link_ends", new JsonObject(Map.copyOf(linkEnds)));
        if (!cuts.isEmpty()) {
            json.put("cuts", new JsonArray(cuts.stream().map(LoadReport::json).toList()));
        }
        var codes = new JsonObject();
        nacked.forEach((fault, count) -> codes.put(fault.name(), count));
        json.put("nacked", codes)
                .put("lost", lost)
                .put("reconnects", reconnects)
                .put("ticks_skipped", ticksSkipped);
        verification.ifPresent(found -> json.put("rows_missing", found.rowsMissing())
                .put("rows_duplicated", found.rowsDuplicated())
                .put("content_mismatch", found.contentMismatch())
                .put("verified_families", found.families()));
        return json.encode();
    }

    private static JsonObject json(Gap gap) {
        return new JsonObject()
                .put("collector", gap.collector())
                .put("from_ms", gap.fromMillis())
                .put("to_ms", gap.toMillis());
    }

    private static JsonObject json(Cut cut) {
        return new JsonObject()
                .put("at_ms", cut.atMillis())
                .put("welcomed", cut.welcomed())
                .put("detail", cut.detail());
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}

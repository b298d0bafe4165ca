package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of the fleet, and which fault kept whom waiting for how long. */
final class FaultReport {
    /** Shorter times between two acks are not looked at. */
    static final double GAPS_OVER_SECONDS = 0.3;

    private static final Duration END_MAX = Duration.ofMinutes(5);
    private static final List<String> SUMS =
            List.of("rows_acked", "rows_missing", "rows_duplicated", "content_mismatch", "lost");

    private static final int TOLD_MAX = 10;

    /** A time in which a collector was told of no stored batch. @param kind of the last fault before its end */
    private record Gap(long fromMillis, double seconds, FaultKind kind) {}

    /** A fault that happened. @param beganMillis since 1970, with what was done to prepare it */
    record Happened(FaultKind kind, long beganMillis, FaultSpan span) {}

    private final Map<String, Long> sums = new TreeMap<>();
    private final Map<String, Long> ends = new TreeMap<>();
    private final Map<FaultKind, Double> gaps = new EnumMap<>(FaultKind.class);
    private final Map<FaultKind, Integer> times = new EnumMap<>(FaultKind.class);
    private final List<Happened> happened;
    private final double handOverSeconds;
    private final List<Gap> found = new ArrayList<>();
    private final List<JsonObject> cuts = new ArrayList<>();

    FaultReport(List<Happened> happened, double handOverSeconds) {
        this.happened = happened;
        this.handOverSeconds = handOverSeconds;
        happened.forEach(one -> times.merge(one.kind(), 1, Integer::sum));
        happened.forEach(one -> gaps.putIfAbsent(one.kind(), 0.0));
    }

    /** Waits for the fleet's end. @param handOverSeconds longest from a leader's death until another led; 0 for none */
    static FaultReport of(List<VerifiedLoad> loads, List<Happened> happened, double handOverSeconds) throws Exception {
        var report = new FaultReport(List.copyOf(happened), handOverSeconds);
        for (var load : loads) {
            report.add(load.report(END_MAX));
        }
        return report;
    }

    void add(JsonObject load) {
        SUMS.forEach(key -> sums.merge(key, load.getLong(key), Long::sum));
        add(load.getJsonObject("link_ends"), "");
        add(load.getJsonObject("nacked"), "NACK ");
        for (var gap : load.getJsonArray("ack_gaps", new JsonArray())) {
            gap((JsonObject) gap);
        }
        for (var cut : load.getJsonArray("cuts", new JsonArray())) {
            cuts.add((JsonObject) cut);
        }
    }

    private void add(JsonObject counts, String prefix) {
        counts.forEach(
                count -> ends.merge(prefix + count.getKey(), ((Number) count.getValue()).longValue(), Long::sum));
    }

    /**
     * Counts for the last fault that had begun when it ended, without what the faults themselves lasted. What ended before
     * any fault is of the start, when all servers on the one machine compile their code.
     */
    private void gap(JsonObject gap) {
        long from = gap.getLong("from_ms");
        long to = gap.getLong("to_ms");
        double left = to - from;
        Happened last = null;
        for (var one : happened) {
            left -= to - from - one.span().leavesOf(from, to);
            last = one.beganMillis() <= to ? one : last;
        }
        double seconds = Math.max(0, left) / 1_000;
        if (last != null) {
            found.add(new Gap(from, seconds, last.kind()));
            gaps.merge(last.kind(), seconds, Math::max);
        }
    }

    /** Connections that ended without a word, for whoever wants to know where. */
    void tellCuts(PrintStream log) {
        cuts.stream()
                .sorted(Comparator.comparingLong(cut -> cut.getLong("at_ms")))
                .limit(TOLD_MAX)
                .forEach(cut -> log.printf(
                        "cut at %s, %s: %s%n",
                        FaultRun.time(cut.getLong("at_ms")),
                        cut.getBoolean("welcomed") ? "in a session" : "before a session",
                        cut.getString("detail")));
    }

    /** The longest gaps and when each began, for whoever wants to know why. */
    void tellGaps(PrintStream log) {
        found.stream()
                .sorted(Comparator.comparingDouble(Gap::seconds).reversed())
                .limit(TOLD_MAX)
                .forEach(gap -> log.printf(
                        "gap of %.2f s from %s, %s%n",
                        gap.seconds(),
                        FaultRun.time(gap.fromMillis()),
                        gap.kind().key()));
    }

    private double longest() {
        return found.stream().mapToDouble(Gap::seconds).max().orElse(0);
    }

    boolean isClean() {
        return sums.get("rows_acked") > 0 && SUMS.stream().skip(1).allMatch(key -> sums.get(key) == 0);
    }

    long sum(String key) {
        return sums.get(key);
    }

    /** Ends of connections and refusals of batches, other than that a server said it goes down. */
    long errors() {
        return ends.entrySet().stream()
                .filter(end -> !end.getKey().equals("DRAINING"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    double longestGap(FaultKind kind) {
        return gaps.getOrDefault(kind, 0.0);
    }

    JsonObject json() {
        var faults = new JsonObject();
        var longestOf = new JsonObject();
        times.forEach((kind, count) -> faults.put(kind.key(), count));
        gaps.forEach((kind, seconds) -> longestOf.put(kind.key(), rounded(seconds)));
        var json = new JsonObject()
                .put("rows_acked", sum("rows_acked"))
                .put("rows_missing", sum("rows_missing"))
                .put("rows_duplicated", sum("rows_duplicated"))
                .put("longest_gap_s", rounded(longest()))
                .put("faults", faults)
                .put("longest_gap_s_of", longestOf)
                .put("leader_hand_over_s", rounded(handOverSeconds))
                .put("errors", errors())
                .put("content_mismatch", sum("content_mismatch"))
                .put("batches_lost", sum("lost"));
        var endings = new JsonObject();
        ends.forEach(endings::put);
        return json.put("ends", endings);
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 100) / 100.0;
    }
}

package org.pganalytics.perf;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.pganalytics.collector.load.LongBlocks;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * JMH's figures of what every batch goes through: time and bytes allocated, of an operation and of a row more. What a row
 * allocates is the difference between a block of 3,000 and one of 300, which no buffer or object of the batch is part of.
 */
final class Allocation {
    private static final String BENCHES =
            "org\\.pganalytics\\.(storage\\.(Body|CopyEncoder)|admission\\.TokenBucket)Bench";
    private static final int FEW = 300;
    private static final int MANY = 3_000;
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private Allocation() {}

    /** @param statements the family that the benches send */
    static List<Measurement> measure(boolean isShort, MetricFamily statements) {
        var options = new OptionsBuilder()
                .include(BENCHES)
                .addProfiler(GCProfiler.class)
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(isShort ? 2 : 4)
                .warmupTime(TimeValue.milliseconds(isShort ? 250 : 1_000))
                .measurementIterations(isShort ? 2 : 5)
                .measurementTime(TimeValue.milliseconds(isShort ? 250 : 1_000))
                .verbosity(VerboseMode.SILENT)
                .jvmArgs("-Xms256m", "-Xmx256m")
                .build();
        try {
            var found = figures(new Runner(options).run());
            found.addAll(unavoidable(statements));
            return found;
        } catch (RunnerException failure) {
            throw new IllegalStateException("JMH did not run", failure);
        }
    }

    private static List<Measurement> figures(Collection<RunResult> results) {
        Map<String, Map<Integer, RunResult>> byName = new TreeMap<>();
        for (var result : results) {
            var rows = result.getParams().getParam("rows");
            byName.computeIfAbsent(name(result), name -> new TreeMap<>())
                    .put(rows == null ? 0 : Integer.parseInt(rows), result);
        }
        var found = new ArrayList<Measurement>();
        byName.forEach((name, byRows) -> found.addAll(
                byRows.containsKey(0)
                        ? List.of(
                                Measurement.aside("jmh_%s_ns".formatted(name), "ns", time(byRows.get(0))),
                                Measurement.aside("jmh_%s_bytes".formatted(name), "bytes", allocated(byRows.get(0))))
                        : ofRows(name, byRows)));
        return found;
    }

    /** What decoding cannot do without, of a row: an array of primitives a column, and the body as it came and inflated. */
    private static List<Measurement> unavoidable(MetricFamily statements) {
        var found = new ArrayList<Measurement>();
        found.add(Measurement.aside(
                "jmh_values_bytes_a_row",
                "bytes",
                8.0 * statements.schema().columns().size()));
        for (var form : Map.of("fast", new BatchEncoder(3), "small", BatchEncoder.small(9))
                .entrySet()) {
            var few = form.getValue().encode(List.of(LongBlocks.of(statements, 0, FEW, 0)));
            var many = form.getValue().encode(List.of(LongBlocks.of(statements, 0, MANY, 0)));
            double bytes = many.uncompressedBytes() + many.compressed().length();
            bytes -= few.uncompressedBytes() + few.compressed().length();
            found.add(Measurement.aside(
                    "jmh_body_%s_bytes_a_row".formatted(form.getKey()), "bytes", bytes / (MANY - FEW)));
        }
        return found;
    }

    private static List<Measurement> ofRows(String name, Map<Integer, RunResult> byRows) {
        var few = byRows.get(FEW);
        var many = byRows.get(MANY);
        return List.of(
                Measurement.aside("jmh_%s_ns_a_row".formatted(name), "ns", time(many) / MANY),
                Measurement.aside("jmh_%s_bytes_of_300_rows".formatted(name), "bytes", allocated(few)),
                Measurement.aside(
                        "jmh_%s_bytes_a_row".formatted(name),
                        "bytes",
                        (allocated(many) - allocated(few)) / (MANY - FEW)));
    }

    /** Such as {@code decode_small}. */
    private static String name(RunResult result) {
        var parts = result.getParams().getBenchmark().split("\\.");
        var method = parts[parts.length - 1].replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        var form = result.getParams().getParam("form");
        return form == null ? method : method + "_" + form;
    }

    private static double time(RunResult result) {
        return result.getPrimaryResult().getScore();
    }

    private static double allocated(RunResult result) {
        return result.getSecondaryResults().get(ALLOCATED).getScore();
    }
}

package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/** {@code perf/run}: every comparison, one after the other. */
final class Bench {
    /** As a collector does that would rather spend bytes than the server's processors. */
    private static final BatchEncoder FAST = new BatchEncoder(3);

    /** As agents and {@code load} do, whose lines cost more than their processors. */
    private static final BatchEncoder SMALL = BatchEncoder.small(9);

    private static final int COLLECTORS = 16;
    private static final int TARGETS_A_BATCH = 7;

    /** The data folder's name; what one server leaves there the next one starts on. */
    private static final String DATA = "server";

    /** How many collectors are tried: the first, then more for as long as they are held, or fewer until they are. */
    private static final HeldCollectors.Sizes HELD_SIZES =
            new HeldCollectors.Sizes(5_000, List.of(7_500, 10_000), List.of(2_500, 1_000));

    private static final HeldCollectors.Sizes HELD_SHORT = new HeldCollectors.Sizes(1_000, List.of(), List.of());

    /** From here on a machine is busy with other work. */
    private static final double BUSY_CORES = 0.25;

    private final long begun = System.nanoTime();
    private final double busyBefore = Machine.busySeconds();
    private final boolean isShort;
    private final Cores cores;
    private final Parts parts;
    private final String victoriaRoot;
    private final List<MetricFamily> families = FamilyFiles.load(Path.of("conf/families"));
    private final MetricFamily statements = families.stream()
            .filter(family -> family.name().equals("pg_stat_statements"))
            .findFirst()
            .orElseThrow();
    private final Workplace workplace = new Workplace();
    private final Results results;

    private Bench(String length, Cores cores, Parts parts, String victoriaRoot)
            throws IOException, InterruptedException {
        this.isShort = length.equals("short");
        this.cores = cores;
        this.parts = parts;
        this.victoriaRoot = victoriaRoot;
        this.results = new Results(Machine.describe(), length);
    }

    /**
     * Arguments: {@code short} or {@code full}, or {@code page} for the page alone, the database's core or "", the parts to
     * run or "", a Debian root that has VictoriaMetrics or "".
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("page")) {
            page(new Cores(arguments[1]));
            return;
        }
        var bench = new Bench(arguments[0], new Cores(arguments[1]), parts(arguments[2], arguments[0]), arguments[3]);
        bench.run();
        System.exit(bench.verdict());
    }

    private static Parts parts(String names, String length) {
        try {
            return Parts.of(names, length);
        } catch (IllegalArgumentException unknown) {
            System.err.println("perf/run: " + unknown.getMessage());
            System.exit(2);
            throw unknown;
        }
    }

    private int verdict() throws IOException {
        double others = othersCores();
        System.out.printf("%.2f of the processors were taken by other programs%n", others);
        boolean isBusy = others > BUSY_CORES;
        var judged = isShort ? results.judged(isBusy) : List.<Judgement>of();
        judged.forEach(one -> System.out.println("perf/run: " + one));
        parts.failed().forEach(part -> System.out.printf("perf/run: %s could not be measured%n", part));
        return judged.stream().allMatch(Judgement::holds) && parts.failed().isEmpty() ? 0 : 1;
    }

    /** How many of the processors worked on average for what is no part of this run; all that it started has ended. */
    private double othersCores() throws IOException {
        double ours = Cores.cpuSecondsOfFamily(ProcessHandle.current().pid());
        return (Machine.busySeconds() - busyBefore - ours) / ((System.nanoTime() - begun) / 1e9);
    }

    /** For the JIT, which needs tens of seconds of a core that it shares. */
    private int warmSeconds() {
        return isShort ? 40 : 60;
    }

    private int rows() {
        return isShort ? 100_000 : 400_000;
    }

    private int turns() {
        return isShort ? 3 : 5;
    }

    private void run() throws IOException, InterruptedException, GeneralSecurityException {
        parts.run("wire", () -> results.add("wire", WireBytes.measure(families)));
        parts.run("jmh", () -> results.add("jmh", Allocation.measure(isShort, statements)));
        if (parts.haveAny("copy", "copy-small", "ack", "reads", "victoria", "v3")) {
            parts.attempt("copy", this::againstTheDatabase);
        }
        parts.run("copy-direct", this::copyDirect);
        parts.run("idle", this::idle);
        parts.run("start", this::start);
        parts.run(
                "heap",
                () -> results.add("heap", new HeapUnderLoad(workplace, cores, statements).measure(isShort ? 1 : 5)));
        parts.run("held", this::held);
        parts.run(
                "limits",
                () -> results.add("limits", new SharedLimits(workplace, cores, statements).measure(isShort ? 15 : 60)));
        parts.run("disk", this::disk);
        parts.run("agent", () -> results.add("agent", AgentCost.measure(workplace, isShort)));
        if (!isShort && parts.areAll()) {
            page(cores);
        }
    }

    private static void page(Cores cores) throws IOException {
        new PerformancePage(Comparison.kept(Results.FOLDER), cores).write();
    }

    private void againstTheDatabase() throws IOException, InterruptedException {
        try (var server = ServerProcess.start(workplace, DATA, cores, Map.of())) {
            var copy = copy(server);
            parts.run("v3", () -> v3(server));
            // The last on this server: its month of roll-ups is nothing that the others should have beside them.
            parts.run("reads", () -> reads(server, copy.topBatchesASecond() / 2));
        }
    }

    private void idle() throws IOException, InterruptedException, GeneralSecurityException {
        var idle = new IdleMemory(workplace, cores, isShort ? 1_000 : 2_000);
        try (var server = ServerProcess.start(workplace, DATA, cores, Map.of())) {
            idle.register(server);
        }
        results.add("idle", idle.measure(isShort ? 1 : 5, DATA));
        if (!isShort) {
            PerformancePage.plot(idle.curve(4, DATA));
        }
    }

    /** The first start makes the database, where no other part has. */
    private void start() throws IOException, InterruptedException {
        ServerProcess.secondsToReady(workplace, DATA);
        var seconds = new ArrayList<Double>();
        for (int turn = 0; turn < turns(); turn++) {
            seconds.add(ServerProcess.secondsToReady(workplace, DATA));
        }
        results.add("start", List.of(Measurement.of(Goal.START_SECONDS, seconds)));
    }

    /** A short run looks at fewer, and holds nobody to a number that takes a machine of its own. */
    private void held() throws IOException, InterruptedException {
        var held = new HeldCollectors(workplace, cores, statements);
        results.add("held", held.measure(isShort ? HELD_SHORT : HELD_SIZES, isShort ? 1 : 6));
    }

    private void disk() throws IOException, InterruptedException {
        var disk = new DiskBytes(workplace, cores, families);
        results.add("disk", disk.measure(isShort, timescaleUrl()));
        if (timescaleUrl().isEmpty()) {
            parts.lacks("disk", "TimescaleDB, for hypertables");
        }
        if (!isShort) {
            PerformancePage.plot(disk.picture());
        }
    }

    private void copyDirect() throws IOException, InterruptedException {
        if (CopyDirect.isPossible(timescaleUrl())) {
            var length = new CopyDirect.Length(rows(), warmSeconds(), turns());
            results.add("copy-direct", CopyDirect.measure(workplace, cores, statements, timescaleUrl(), length));
        } else {
            parts.lacks("copy-direct", "TimescaleDB in its community edition 2.21 or later");
        }
    }

    /** Of a superuser of a database with TimescaleDB, as in the tests; may be empty. */
    private static String timescaleUrl() {
        return System.getenv().getOrDefault("PGANALYTICS_TIMESCALE_URL", "");
    }

    private CopyRatio copy(ServerProcess server) throws IOException, InterruptedException {
        CopyRatio copy;
        try (var replay = new Replay(server, shape(FAST, COLLECTORS, "fast-"))) {
            copy = new CopyRatio(server, replay, rows());
            copy.measure(warmSeconds(), turns(), workplace);
            results.add("copy", copy.measurements(Goal.COPY_RATIO, Goal.SERVER_CPU_SHARE, ""));
            parts.run("ack", () -> ack(new AckLatency(replay, copy)));
        }
        if (!isShort && parts.haveAny("copy")) {
            PerformancePage.plot(
                    Curves.rate(server, collectors -> shape(FAST, collectors, "curve-%d-".formatted(collectors))));
        }
        parts.run("copy-small", () -> copySmall(server));
        if (victoriaRoot.isEmpty()) {
            parts.lacks("victoria", "VictoriaMetrics");
        } else {
            parts.run(
                    "victoria",
                    () -> results.add(
                            "victoria",
                            new VictoriaCost(workplace, statements)
                                    .measure(victoriaRoot, cores, turns(), copy.microsARow())));
        }
        return copy;
    }

    private void ack(AckLatency latency) throws IOException, InterruptedException {
        results.add("ack", latency.measure(turns(), isShort ? 4 : 20));
        if (!isShort) {
            PerformancePage.plot(Curves.latency(latency));
        }
    }

    private void v3(ServerProcess server) throws IOException, InterruptedException {
        try (var cost = new V3Cost(server, statements)) {
            results.add("v3", cost.measure(warmSeconds(), turns()));
        }
    }

    private void reads(ServerProcess server, double batchesASecond) throws IOException, InterruptedException {
        var reads = new Reads(server, isShort ? Reads.SHORT : Reads.FULL);
        reads.generate();
        try (var replay = new Replay(server, shape(FAST, COLLECTORS, "reads-"))) {
            results.add("reads", reads.measure(replay, batchesASecond));
        }
    }

    private void copySmall(ServerProcess server) throws IOException, InterruptedException {
        try (var replay = new Replay(server, shape(SMALL, COLLECTORS, "small-"))) {
            var small = new CopyRatio(server, replay, rows());
            small.measure(warmSeconds() / 2, turns(), workplace);
            results.add(
                    "copy-small",
                    small.measurements(Goal.COPY_RATIO_SMALL_FORM, Goal.SERVER_CPU_SHARE_SMALL_FORM, "_small_form"));
        }
    }

    private Replay.Shape shape(BatchEncoder encoder, int collectors, String names) {
        return new Replay.Shape(statements, encoder, collectors, TARGETS_A_BATCH, names);
    }
}

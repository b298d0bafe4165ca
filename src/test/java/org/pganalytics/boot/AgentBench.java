package org.pganalytics.boot;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.pganalytics.perf.PgRecording;
import org.pganalytics.perf.PgRelay;

/**
 * CPU, memory and time that one agent takes to watch many PostgreSQL servers: {@code perf/agent} runs it.
 *
 * <p>The targets are one embedded PostgreSQL, which stores what is sent besides: its CPU is not the agent's.
 */
final class AgentBench {
    private static final String SECRET = "a secret for agents";
    /** A short look is one at the machinery, not at the agent: it warms up for less, and measures one cycle. */
    private static final Duration SHORT = Duration.ofSeconds(60);

    private static final Duration SAMPLE_EVERY = Duration.ofSeconds(1);
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration STOP_MAX = Duration.ofSeconds(60);
    private static final double TICKS_A_SECOND = 100;
    private static final int CONNECTIONS_BESIDES = 60;
    private static final int CYCLES = 3;
    private static final Duration RECORD_EVERY = Duration.ofSeconds(2);
    private static final Duration RECORD_FOR = Duration.ofSeconds(20);
    private static final Pattern CYCLE = Pattern.compile("(\\d+) rows were collected.* took (\\d+) ms");
    private static final String WATCHED = """
            CREATE ROLE watcher LOGIN PASSWORD 'watching-is-all-it-may-do' IN ROLE pg_monitor;
            DO $$ BEGIN
                FOR n IN 1..50 LOOP
                    EXECUTE format('CREATE TABLE public.t%s (id int PRIMARY KEY, at timestamptz, payload text)', n);
                    EXECUTE format('CREATE INDEX ON public.t%s (at)', n);
                    EXECUTE format('INSERT INTO public.t%s SELECT i, now(), repeat(''x'', 100)'
                                   ' FROM generate_series(1, 100) i', n);
                END LOOP;
            END $$;
            CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
            """;

    private final int targets;
    private final Duration time;
    private final AgentPlace place;

    private AgentBench(int targets, Duration time) throws IOException {
        this.targets = targets;
        this.time = time;
        this.place = new AgentPlace("agent-bench");
    }

    /** Arguments: targets, seconds. */
    public static void main(String[] arguments) throws Exception {
        var found =
                new AgentBench(Integer.parseInt(arguments[0]), Duration.ofSeconds(Long.parseLong(arguments[1]))).run();
        var results = Files.createDirectories(Path.of("perf/results"));
        Files.writeString(
                results.resolve("agent-bench.json"),
                found.put("at", Instant.now().toString()).encodePrettily());
        System.out.println(found.encodePrettily());
    }

    private JsonObject run() throws Exception {
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET",
                SECRET,
                "PGANALYTICS_JAVA_OPTIONS",
                "",
                "PGANALYTICS_DATABASE_EMBEDDED_CONNECTIONS_MAX",
                Integer.toString(2 * targets + CONNECTIONS_BESIDES));
        try (var server = place.launch(environment, "serve").untilReady()) {
            execute(server, "pganalytics", "CREATE DATABASE watched");
            execute(server, "watched", WATCHED);
            var settings = new AgentSettings(place, server, SECRET);
            var real = Collections.nCopies(targets, server.address().port());
            JsonObject found;
            try (var agent = launch(settings.write("steady", real, ""))) {
                found = measured(agent, server);
            }
            found.mergeIn(playedCycles(settings, real.get(0)));
            return time.compareTo(SHORT) < 0 ? found : found.mergeIn(realCycle(settings, server, real));
        }
    }

    private Program launch(Path settings) throws IOException {
        return place.launch(Map.of(), "collect", "--config", settings.toString());
    }

    /** Of targets that take next to nothing of the processors, as 100 servers elsewhere would. */
    private JsonObject playedCycles(AgentSettings settings, int port) throws Exception {
        var vertx = Vertx.vertx();
        try {
            var recording = recorded(vertx, settings, port);
            var played = new PlayedTargets(vertx, recording, targets);
            try (var agent = launch(settings.write("played", played.ports(), AgentCycle.intervals()))) {
                return new AgentCycle(agent, played).measured(time.compareTo(SHORT) < 0 ? 1 : CYCLES, "");
            }
        } finally {
            Await.result(vertx.close(), STOP_MAX, "closing the targets");
        }
    }

    /** What PostgreSQL answers an agent that watches it as one target. */
    private PgRecording recorded(Vertx vertx, AgentSettings settings, int port) throws Exception {
        var recording = new PgRecording();
        var relay = Await.result(PgRelay.listen(vertx, port, recording), STOP_MAX, "the relay");
        var config = settings.write("recorded", List.of(relay.actualPort()), AgentCycle.intervals(RECORD_EVERY));
        try (var agent = launch(config)) {
            Awaitility.await("the recorded agent reads").atMost(START_MAX).until(recording::isBegun);
            TimeUnit.NANOSECONDS.sleep(RECORD_FOR.toNanos());
            agent.signal("TERM");
            agent.waitFor(STOP_MAX);
        }
        recording.check();
        return recording;
    }

    /** All targets are one PostgreSQL, whose work for 100 of them has the same processors as the agent. */
    private JsonObject realCycle(AgentSettings settings, Program server, List<Integer> ports) throws Exception {
        try (var agent = launch(settings.write("real", ports, AgentCycle.intervals()));
                var connection = server.database()) {
            var real = new RealTargets(connection, AgentPlace.postmaster(server.data()));
            return new AgentCycle(agent, real).measured(1, "real_");
        }
    }

    private static void execute(Program server, String database, String sql) throws Exception {
        try (var connection = server.address()
                        .withDatabase(database)
                        .dataSource(STOP_MAX)
                        .getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private JsonObject measured(Program agent, Program server) throws Exception {
        TimeUnit.NANOSECONDS.sleep(time.toNanos() * 3 / 4);
        long begun = System.nanoTime();
        double cpu = cpuSeconds(agent);
        double serverCpu = cpuSeconds(server);
        long rssMax = 0;
        long rssSum = 0;
        int samples = 0;
        while (System.nanoTime() - begun < time.toNanos()) {
            long rss = status(agent, "VmRSS");
            rssMax = Math.max(rssMax, rss);
            rssSum += rss;
            samples++;
            TimeUnit.NANOSECONDS.sleep(SAMPLE_EVERY.toNanos());
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        double share = (cpuSeconds(agent) - cpu) / seconds;
        double serverShare = (cpuSeconds(server) - serverCpu) / seconds;
        var found = new JsonObject()
                .put("targets", targets)
                .put("seconds", Math.round(seconds))
                .put("cpu_percent_of_a_core", hundredths(100 * share))
                .put("server_cpu_percent_of_a_core", hundredths(100 * serverShare))
                .put("rss_mb_mean", hundredths(rssSum / 1024.0 / samples))
                .put("rss_mb_max", hundredths(rssMax / 1024.0))
                .put("rss_mb_peak_since_start", hundredths(status(agent, "VmHWM") / 1024.0))
                .put("load_average", Files.readString(Path.of("/proc/loadavg")).trim());
        agent.signal("TERM");
        agent.waitFor(STOP_MAX);
        return complete(found, agent, server);
    }

    private JsonObject complete(JsonObject found, Program agent, Program server) throws Exception {
        var said = CYCLE.matcher(agent.output());
        if (!said.find()) {
            throw new IllegalStateException("the agent did not end as it should:\n" + agent.output());
        }
        return found.put("rounds_one_after_the_other_seconds", Long.parseLong(said.group(2)) / 1000.0)
                .put("rows_collected", Long.parseLong(said.group(1)))
                .put("batches_stored", server.number("SELECT coalesce(sum(mark), 0) FROM ledger"))
                .put("losses", server.number("SELECT count(*) FROM loss"))
                .put("quarantined", server.number("SELECT count(*) FROM quarantine"))
                .put("warnings", agent.warnings());
    }

    private static double hundredths(double value) {
        return Math.round(100 * value) / 100.0;
    }

    /** User and system, since it began. */
    private static double cpuSeconds(Program program) throws IOException {
        var fields = Files.readString(proc(program, "stat"))
                .replaceFirst(".*\\) ", "")
                .split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    /** A line of {@code /proc/PID/status}, in KiB. */
    private static long status(Program program, String line) throws IOException {
        return Files.readAllLines(proc(program, "status")).stream()
                .filter(one -> one.startsWith(line + ":"))
                .mapToLong(one -> Long.parseLong(one.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static Path proc(Program program, String file) {
        return Path.of("/proc/%d/%s".formatted(program.process().pid(), file));
    }
}

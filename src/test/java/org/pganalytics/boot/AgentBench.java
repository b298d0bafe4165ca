package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    private static final Duration STOP_MAX = Duration.ofSeconds(60);
    private static final double TICKS_A_SECOND = 100;
    private static final int CONNECTIONS_BESIDES = 60;
    private static final int CYCLES = 3;
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
            var config = Files.writeString(place.file("collector.conf"), config(server, ""));
            JsonObject found;
            try (var agent = place.launch(Map.of(), "collect", "--config", config.toString())) {
                found = measured(agent, server);
            }
            Files.writeString(config, config(server, AgentCycle.intervals()));
            try (var agent = place.launch(Map.of(), "collect", "--config", config.toString())) {
                return found.mergeIn(new AgentCycle(agent, server).measured(time.compareTo(SHORT) < 0 ? 1 : CYCLES));
            }
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
                .put(
                        "warnings",
                        agent.output()
                                .lines()
                                .filter(line -> line.matches(".*(WARN|ERROR).*"))
                                .count());
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

    /** @param more settings of each target */
    private String config(Program server, String more) {
        var port = server.ports().getString("database_url").replaceAll(".*:([0-9]+)/.*", "$1");
        return """
                name = "bench"
                state.dir = "%s"
                registration.secret = "%s"
                cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = %d } ]
                targets = [ %s ]
                """.formatted(
                        place.file("state"),
                        SECRET,
                        server.port("tcp"),
                        server.port("http"),
                        IntStream.range(0, targets)
                                .mapToObj(number -> target(number, port, more))
                                .collect(Collectors.joining("\n")));
    }

    private static String target(int number, String port, String more) {
        return """
                { name = "target-%d", host = "127.0.0.1", port = %s, user = "watcher", database = "watched"
                  password = "watching-is-all-it-may-do", databases = [ "watched" ], sslmode = disable
                  %s }
                """.formatted(number, port, more);
    }
}

package org.pganalytics.perf;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.wire.BatchEncoder;

/**
 * How long two questions take that people ask, on roll-ups of a month, while batches come in: the statements of one server
 * that took most time in a day, and what the whole fleet did in the last hour.
 *
 * <p>The roll-ups are generated, in tables as the server makes them: hours of the whole time, minutes of the last three
 * hours, and the fleet's minutes. Of the columns only those asked for are filled, the others are null and take no room.
 */
final class Reads {
    private static final String HOURS = """
            INSERT INTO metrics_hour.pg_stat_statements
                (time, target_id, ":covered", ":samples", dbid, userid, queryid, toplevel, "calls:grown",
                 "total_exec_time:grown")
            SELECT hour, target_id, 3600000000, 120, 1, 10, statement, true, statement, 1000 * random() / statement
            FROM generate_series(date_trunc('hour', now()) - interval '%1$d hours',
                                 date_trunc('hour', now()) - interval '%2$d hours', '1 hour') AS hour
            CROSS JOIN target CROSS JOIN generate_series(1, %3$d) AS statement
            WHERE target.name LIKE 'read-%%'
            """;
    private static final String MINUTES = """
            INSERT INTO metrics_minute.pg_stat_statements
                (time, target_id, ":covered", ":samples", dbid, userid, queryid, toplevel, "calls:grown",
                 "total_exec_time:grown")
            SELECT minute, target_id, 60000000, 2, 1, 10, statement, true, statement, 1000 * random() / statement
            FROM generate_series(date_trunc('hour', now()) - interval '3 hours', now(), '1 minute') AS minute
            CROSS JOIN target CROSS JOIN generate_series(1, %1$d) AS statement
            WHERE target.name LIKE 'read-%%'
            """;
    private static final String FLEET = """
            INSERT INTO fleet_minute (time, target_id, family, covered, commits, rollbacks, blocks_hit, blocks_read,
                deadlocks, temp_bytes, sessions, databases)
            SELECT minute, target_id, 'pg_stat_database', 60000000, 100 * random(), 1, 1e5 * random(), 100, 0, 0, 10, 5
            FROM generate_series(date_trunc('minute', now()) - interval '2 hours', now(), '1 minute') AS minute
            CROSS JOIN target WHERE target.name LIKE 'read-%'
            """;
    private static final String TARGETS = """
            INSERT INTO collector (collector_id, name)
            SELECT gen_random_uuid(), 'read-' || one FROM generate_series(1, %d) AS one;
            INSERT INTO target (collector_id, name) SELECT collector_id, name FROM collector WHERE name LIKE 'read-%%'
            """;
    /** Of a target: those that ran in an hour, and those that ran in a minute. */
    private static final int STATEMENTS = 40;

    private static final int STATEMENTS_A_MINUTE = 10;
    private static final int ASKED = 60;
    static final Scale FULL = new Scale(500, 30);
    static final Scale SHORT = new Scale(100, 7);

    private final ServerProcess server;
    private final String token;
    private final HttpClient client = HttpClient.newHttpClient();
    private final int targets;
    private final int days;

    /** How much is generated. */
    record Scale(int targets, int days) {}

    Reads(ServerProcess server, Scale scale) throws IOException {
        this.server = server;
        this.token = server.adminToken();
        this.targets = scale.targets();
        this.days = scale.days();
    }

    /** Alone, by {@code perf/reads}: {@code short} or {@code full}, and the database's core or "". */
    public static void main(String[] arguments) throws Exception {
        var statements = FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.name().equals("pg_stat_statements"))
                .findFirst()
                .orElseThrow();
        var workplace = new Workplace();
        try (var server = ServerProcess.start(workplace, "server", new Cores(arguments[1]), Map.of());
                var replay = new Replay(server, new Replay.Shape(statements, new BatchEncoder(3), 16, 7, "load-"))) {
            var reads = new Reads(server, arguments[0].equals("short") ? SHORT : FULL);
            long begun = System.nanoTime();
            reads.generate();
            System.out.printf("  generated in %.0f s%n", (System.nanoTime() - begun) / 1e9);
            int batches = 200_000 / replay.rowsABatch();
            replay.flood(batches);
            double top = batches / replay.flood(batches);
            System.out.printf("  top rate %.0f rows/s%n", top * replay.rowsABatch());
            new Results(Machine.describe()).add("reads", reads.measure(replay, top / 2));
        }
    }

    /** A day of hours in each statement: no transaction of hours of inserting. */
    void generate() throws IOException, InterruptedException {
        server.psql().query(TARGETS.formatted(targets));
        for (int day = days; day > 0; day--) {
            room("metrics_hour", "month", day);
            server.psql().query(HOURS.formatted(24 * day, 24 * day - 23, STATEMENTS));
        }
        room("metrics_minute", "day", 0);
        room("metrics_minute", "day", 1);
        server.psql().query(MINUTES.formatted(STATEMENTS_A_MINUTE));
        server.psql().query(FLEET);
        server.psql().query("VACUUM ANALYZE");
    }

    /** The partition of so many days ago, as the server makes it. */
    private void room(String schema, String length, int daysAgo) throws IOException, InterruptedException {
        var table = schema + ".pg_stat_statements";
        server.psql().query("""
                DO $$ DECLARE
                    begun timestamp := date_trunc('%2$s', now() AT TIME ZONE 'UTC' - interval '%3$d days');
                    part text := '%1$s_p' || to_char(begun, 'YYYYMMDD');
                BEGIN
                    IF to_regclass(part) IS NULL THEN
                        EXECUTE format('CREATE TABLE %%s (LIKE %1$s INCLUDING ALL)', part);
                        EXECUTE format('ALTER TABLE %1$s ATTACH PARTITION %%s FOR VALUES FROM (%%L) TO (%%L)', part,
                            begun::text || '+00', (begun + interval '1 %2$s')::text || '+00');
                    END IF;
                END $$
                """.formatted(table, length, daysAgo));
    }

    /** While batches come at that rate. */
    List<Measurement> measure(Replay replay, double batchesASecond) throws IOException, InterruptedException {
        var top = new ArrayList<Double>();
        var fleet = new ArrayList<Double>();
        long first = server.psql().number("SELECT min(target_id) FROM target WHERE name LIKE 'read-%'");
        var nothing = new ArrayList<Double>();
        // Statements are planned anew the first times, and plans are what is to be measured with the rest.
        Callable<Void> asking = () -> {
            for (int i = 0; i < ASKED; i++) {
                top.add(ask(topOf(first + (7L * i) % targets)));
                fleet.add(ask("/api/v1/fleet/overview?limit=500"));
                nothing.add(ask("/api/v1/openapi.yaml"));
                Thread.sleep(50);
            }
            return null;
        };
        var thread = Executors.newSingleThreadExecutor();
        try {
            var asked = thread.submit(asking);
            while (!asked.isDone()) {
                replay.pace(batchesASecond, 2);
            }
            asked.get();
        } catch (ExecutionException failed) {
            throw new IOException(failed.getCause());
        } finally {
            thread.shutdownNow();
        }
        return List.of(
                Measurement.of(Goal.READS_TOP_P95_MS, p95(top)),
                Measurement.of(Goal.READS_FLEET_P95_MS, p95(fleet)),
                Measurement.aside("reads_top_ms", "ms", top),
                Measurement.aside("reads_fleet_ms", "ms", fleet),
                Measurement.aside("reads_nothing_p95_ms", "ms", p95(nothing)),
                Measurement.aside("reads_rollup_days", "d", days),
                Measurement.aside("reads_rollup_targets", "targets", targets));
    }

    private static String topOf(long target) {
        var to = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return "/api/v1/families/pg_stat_statements/top?target=%d&by=total_exec_time&columns=calls&limit=20&from=%s&to=%s"
                .formatted(target, to.minus(Duration.ofHours(24)), to);
    }

    /** @return milliseconds until the whole answer is there */
    private double ask(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.port("http"), path)))
                .header("Authorization", "Bearer " + token)
                .build();
        long begun = System.nanoTime();
        var answer = client.send(request, BodyHandlers.ofString());
        double millis = (System.nanoTime() - begun) / 1e6;
        if (answer.statusCode() != 200 || !answer.body().contains("target_id")) {
            throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return millis;
    }

    private static double p95(List<Double> values) {
        return values.stream().sorted().toList().get((int) Math.ceil(0.95 * values.size()) - 1);
    }
}

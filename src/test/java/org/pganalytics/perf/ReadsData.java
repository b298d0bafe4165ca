package org.pganalytics.perf;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.RollUp;
import org.pganalytics.model.RollUp.Level;
import org.pganalytics.storage.tables.RollUpTables;

/**
 * What is read, generated in the tables and partitions that the server makes.
 *
 * <p>Of every target: hours of the whole time, minutes and tens of minutes of the last three hours, of a few statements,
 * with the columns that are asked for; the others are null and take no room. Of the targets that are asked, as a server has
 * them: 300 statements, with all columns, in the roll-ups that a question about a day reads, and samples of the last
 * minutes.
 */
final class ReadsData {
    private static final String ROLL_UPS = """
            INSERT INTO %1$s (time, target_id, ":covered", ":samples", dbid, userid, queryid, toplevel, %2$s)
            SELECT at, target, %4$d, %5$d, 1, 10, statement, true, %3$s
            FROM generate_series(%6$s, interval '%4$d microseconds') AS at
            CROSS JOIN unnest('{%7$s}'::int4[]) AS target CROSS JOIN generate_series(1, %8$d) AS statement
            """;
    /**
     * A target's rows of a moment together, as they come in a batch, with the note of it that the server makes; of one day,
     * so that its partition is there.
     */
    private static final String SAMPLES = """
            CREATE TEMP TABLE moment AS SELECT at FROM generate_series(
                greatest(now() - interval '10 minutes', date_trunc('day', now(), 'UTC')), now(),
                interval '30 seconds') AS at;
            INSERT INTO metrics.pg_stat_statements (time, target_id, dbid, userid, queryid, toplevel, %1$s)
            SELECT at, target, 1, 10, statement, true, %2$s
            FROM moment CROSS JOIN unnest('{%3$s}'::int4[]) AS target CROSS JOIN generate_series(1, %4$d) AS statement
            ORDER BY at, target, statement;
            INSERT INTO roll_up_due (families, family_of, targets, minutes)
            SELECT '{pg_stat_statements}', array_agg(1::int2), array_agg(target), array_agg(minute)
            FROM (SELECT DISTINCT floor(extract(epoch FROM at) / 60)::int4 AS minute FROM moment) AS noted
            CROSS JOIN unnest('{%3$s}'::int4[]) AS target
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
    private static final String FAMILY = "pg_stat_statements";
    private static final String HOUR = "date_trunc('hour', now())";

    /** Of a target that is not asked: those that ran in an hour, and those that ran in a minute. */
    private static final int STATEMENTS = 40;

    private static final int STATEMENTS_A_MINUTE = 10;
    private static final int STATEMENTS_ASKED = 300;
    private static final int SECONDS_A_SAMPLE = 30;

    private final Psql psql;
    private final Scale scale;
    private final List<Column> columns;
    private final List<String> asked = new ArrayList<>();
    private final List<String> others = new ArrayList<>();

    /** How much is generated. @param asked of the targets */
    record Scale(int targets, int days, int asked) {}

    /** Rows of roll-ups. @param times the first and the last, in SQL @param isWide with all columns */
    private record Rows(Level level, String times, int statements, boolean isWide) {}

    ReadsData(Psql psql, MetricFamily statements, Scale scale) {
        this.psql = psql;
        this.scale = scale;
        this.columns = statements.schema().columns().stream()
                .filter(column -> column.role() != ColumnRole.KEY)
                .toList();
    }

    /** A day of hours in each statement: no transaction of hours of inserting. */
    void generate() throws IOException, InterruptedException {
        psql.query(TARGETS.formatted(scale.targets()));
        var all = psql.query("SELECT target_id FROM target WHERE name LIKE 'read-%' ORDER BY target_id")
                .lines()
                .toList();
        int apart = scale.targets() / scale.asked();
        for (int at = 0; at < all.size(); at++) {
            (at % apart == 0 && asked.size() < scale.asked() ? asked : others).add(all.get(at));
        }
        partitions();
        for (int day = scale.days(); day > 0; day--) {
            var times = "%1$s - interval '%2$d hours', %1$s - interval '%3$d hours'"
                    .formatted(HOUR, 24 * day, 24 * day - 23);
            fill(new Rows(Level.HOUR, times, STATEMENTS, false), others);
            fill(new Rows(Level.HOUR, times, day > 1 ? STATEMENTS : STATEMENTS_ASKED, day == 1), asked);
        }
        var minutes = HOUR + " - interval '3 hours', now()";
        fill(new Rows(Level.MINUTE, minutes, STATEMENTS_A_MINUTE, false), others);
        fill(new Rows(Level.TEN, minutes, STATEMENTS_A_MINUTE, false), others);
        // A day from now on begins and ends within hours, of which the minutes, and tens of them, are read.
        for (var times : List.of("%1$s - interval '24 hours', %1$s - interval '23 hours 1 minute'", "%s, now()")) {
            fill(new Rows(Level.MINUTE, times.formatted(HOUR), STATEMENTS_ASKED, true), asked);
            fill(new Rows(Level.TEN, times.formatted(HOUR), STATEMENTS_ASKED, true), asked);
        }
        psql.query(FLEET);
        psql.query("VACUUM ANALYZE");
    }

    /** Samples of the last ten minutes, to be read until the server has rolled them up. */
    void sample() throws IOException, InterruptedException {
        psql.query(SAMPLES.formatted(
                listed(columns.stream().map(column -> '"' + column.name() + '"')),
                listed(columns.stream().map(ReadsData::sampled)),
                String.join(",", asked),
                STATEMENTS_ASKED));
    }

    List<String> asked() {
        return asked;
    }

    private void fill(Rows rows, List<String> targets) throws IOException, InterruptedException {
        var parts = columns.stream()
                .filter(column -> rows.isWide() || column.name().matches("calls|total_exec_time"))
                .flatMap(column -> RollUp.parts(column).stream())
                .filter(part -> value(part).isPresent())
                .toList();
        long micros = rows.level().length().toMillis() * 1_000;
        psql.query(ROLL_UPS.formatted(
                rows.level().table(FAMILY),
                listed(parts.stream().map(RollUp.Part::name)),
                listed(parts.stream().map(part -> value(part).orElseThrow())),
                micros,
                rows.level().length().toSeconds() / SECONDS_A_SAMPLE,
                rows.times(),
                String.join(",", targets),
                rows.statements()));
    }

    private static String listed(Stream<String> words) {
        return words.collect(Collectors.joining(", "));
    }

    /** Nothing where the server, too, writes null: a least or a most that is the average. */
    private static Optional<String> value(RollUp.Part part) {
        if (part.name().endsWith(":grown\"") || part.name().endsWith(":avg\"")) {
            return Optional.of("1000 * random() / statement");
        }
        return part.sqlType().equals(ColumnType.TIMESTAMPTZ.sqlName()) ? Optional.of("at") : Optional.empty();
    }

    /** Counters grow with time. */
    private static String sampled(Column column) {
        if (column.type() == ColumnType.TIMESTAMPTZ) {
            return "at";
        }
        return "(extract(epoch FROM at) * statement / 1000)::" + column.type().sqlName();
    }

    private void partitions() throws IOException {
        var now = Instant.now();
        var days = IntStream.rangeClosed(0, scale.days())
                .mapToObj(day -> now.minus(Duration.ofDays(day)))
                .toList();
        var vertx = Vertx.vertx();
        try {
            var address = DatabaseAddress.parse(psql.url()).withPassfile(psql.passfile());
            PgConnection.connect(vertx, address.connectOptions())
                    .compose(connection -> connection
                            .begin()
                            .compose(tx -> RollUpTables.ensure(connection, Level.HOUR, FAMILY, days)
                                    .compose(made ->
                                            RollUpTables.ensure(connection, Level.TEN, FAMILY, days.subList(0, 2)))
                                    .compose(made ->
                                            RollUpTables.ensure(connection, Level.MINUTE, FAMILY, days.subList(0, 2)))
                                    .compose(made -> tx.commit())))
                    .await(1, TimeUnit.MINUTES);
        } catch (TimeoutException late) {
            throw new IOException("no partitions within a minute", late);
        } finally {
            vertx.close();
        }
    }
}

package org.pganalytics.query;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.database.TestServer.await;

import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.database.Tier;
import org.pganalytics.model.RollUp.Level;
import org.pganalytics.storage.tables.FamilyTables;
import org.pganalytics.storage.tables.RollUpTables;
import org.pganalytics.storage.tables.TablesConfig;

/** What is asked of a long history opens only the partitions that it is about, and reads them by an index. */
class ReadPlansIT {
    private static final String STATEMENTS = "pg_stat_statements";
    private static final int DAYS = 12;
    private static final Pattern PARTITION = Pattern.compile("(?:on|using) (?:pg_stat_statements_)?p([0-9]{8})");

    private static Vertx vertx;
    /** Late enough in a day and a month for their partitions to be worth an index. */
    private static final Instant NOW = Instant.parse("2026-05-20T18:00:00Z");

    private static TestDatabase database;
    private static Pool pool;
    private static Family family;

    @BeforeAll
    static void fill() {
        vertx = Vertx.vertx();
        database = TestDatabase.create().migrated();
        pool = database.pool(vertx, 2);
        var tables = new FamilyTables(vertx, pool, await(Tier.detect(pool, false)), TablesConfig.defaults());
        await(tables.prepare(FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(one -> one.name().equals(STATEMENTS))
                .toList()));
        var days = IntStream.rangeClosed(0, DAYS)
                .mapToObj(day -> NOW.minus(Duration.ofDays(day)))
                .toList();
        for (var day : days) {
            await(tables.ensure(STATEMENTS, day.atOffset(ZoneOffset.UTC).toLocalDate()));
        }
        await(pool.withTransaction(tx -> RollUpTables.ensure(tx, Level.MINUTE, STATEMENTS, days)
                .compose(made -> RollUpTables.ensure(tx, Level.TEN, STATEMENTS, days))
                .compose(made -> RollUpTables.ensure(tx, Level.HOUR, STATEMENTS, days))));
        generate("metrics_minute", "10 minutes");
        generate("metrics_ten", "10 minutes");
        generate("metrics_hour", "1 hour");
        database.execute("""
                INSERT INTO metrics.pg_stat_statements (time, target_id, queryid, total_exec_time)
                SELECT time, target, 1, extract(epoch FROM time) FROM generate_series(1, 20) AS target,
                    generate_series('%s'::timestamptz - interval '12 days', '%1$s', '10 minutes') AS time
                """.formatted(NOW));
        database.execute("""
                INSERT INTO fleet_minute (time, target_id, family, covered, commits)
                SELECT time, target, 'pg_stat_database', 60000000, 1 FROM generate_series(1, 500) AS target,
                    generate_series('%s'::timestamptz - interval '3 hours', '%1$s', '1 minute') AS time
                """.formatted(NOW));
        database.execute("ANALYZE");
        family = await(new Families(reader()).find(STATEMENTS));
    }

    private static Reader reader() {
        return new Reader(pool, QueryConfig.defaults());
    }

    private static void generate(String schema, String every) {
        database.execute("""
                INSERT INTO %s.pg_stat_statements (time, target_id, ":covered", ":samples", queryid, "total_exec_time:grown")
                SELECT time, target, 60000000, 2, statement, 1 FROM generate_series(1, 20) AS target,
                    generate_series(date_trunc('hour', '%s'::timestamptz) - interval '%d days', '%2$s', '%s') AS time,
                    generate_series(1, 5) AS statement
                """.formatted(schema, NOW, DAYS - 1, every));
    }

    @AfterAll
    static void close() {
        await(pool.close());
        await(vertx.close());
        database.close();
    }

    private static Pieces pieces(Instant from, Instant to, Instant settled) {
        var parts = Part.cut(
                new Range(from, to),
                List.of(Level.HOUR, Level.TEN, Level.MINUTE),
                new Part.Settled(
                        new Range(Instant.MIN, settled),
                        new Range(Instant.MIN, settled),
                        new Range(Instant.MIN, settled)));
        return new Pieces(
                family, 7, parts, List.of(family.column("total_exec_time").orElseThrow()), List.of());
    }

    private static String plan(String sql, Tuple values) {
        return StreamSupport.stream(
                        await(pool.preparedQuery("EXPLAIN " + sql).execute(values))
                                .spliterator(),
                        false)
                .map(row -> row.getString(0))
                .collect(Collectors.joining("\n"));
    }

    private static Set<String> partitions(String plan) {
        assertTrue(PARTITION.matcher(plan).find(), plan);
        return PARTITION
                .matcher(plan)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String day(Instant time) {
        return time.atOffset(ZoneOffset.UTC).toLocalDate().toString().replace("-", "");
    }

    private static void readsHistoryByIndexOnly(String plan) {
        assertFalse(plan.contains("Seq Scan on pg_stat_statements"), plan);
        assertTrue(plan.contains("_target_id_time_idx"), plan);
    }

    /** Days of which rows or minutes may be opened, and months of hours. */
    private static Set<String> needed(Instant from, Instant to) {
        var needed = new TreeSet<String>();
        for (var time = from; time.isBefore(to.plus(Duration.ofDays(1))); time = time.plus(Duration.ofDays(1))) {
            needed.add(day(time.isBefore(to) ? time : to));
            needed.add(day(time.isBefore(to) ? time : to).substring(0, 6) + "01");
        }
        return needed;
    }

    @Test
    void theTopOfADayOpensThatDay() {
        var from = NOW.minus(Duration.ofHours(24));
        var values = Tuple.tuple();
        var plan =
                plan(new TopQuery(pieces(from, NOW, NOW.minusSeconds(300)), Optional.empty(), 20).sql(values), values);
        readsHistoryByIndexOnly(plan);
        var needed = needed(from, NOW);
        assertTrue(needed.containsAll(partitions(plan)), () -> needed + plan);
    }

    @Test
    void theTopOfADayLongAgoOpensThatDay() {
        var from = NOW.minus(Duration.ofDays(8));
        var to = from.plus(Duration.ofHours(24));
        var values = Tuple.tuple();
        var plan = plan(new TopQuery(pieces(from, to, NOW), Optional.empty(), 20).sql(values), values);
        readsHistoryByIndexOnly(plan);
        var needed = needed(from, to);
        assertTrue(needed.containsAll(partitions(plan)), () -> needed + plan);
    }

    @Test
    void bucketsOfRecentMinutesOpenTheirDay() {
        var from = NOW.minus(Duration.ofHours(3));
        var values = Tuple.tuple();
        var query = new BucketQuery(pieces(from, NOW, NOW.minusSeconds(300)), Duration.ofMinutes(5), null, 100);
        var plan = plan(query.sql(values), values);
        readsHistoryByIndexOnly(plan);
        var needed = needed(from.minusSeconds(family.lookBackSeconds()), NOW);
        assertTrue(needed.containsAll(partitions(plan)), () -> needed + plan);
    }

    @Test
    void theOverviewReadsTheLastHourOnly() {
        var values = Tuple.tuple();
        Sql.bind(values, NOW.minus(Duration.ofHours(1)));
        Sql.bind(values, NOW);
        values.addInteger(0).addInteger(101);
        var plan = plan(FleetOverview.SQL, values);
        assertFalse(plan.contains("Seq Scan on fleet_minute"), plan);
        assertTrue(plan.contains("fleet_minute_time"), plan);
        assertTrue(plan.contains("HashAggregate"), plan);
        assertFalse(plan.contains("Sort Key: fleet_minute"), plan);
    }
}

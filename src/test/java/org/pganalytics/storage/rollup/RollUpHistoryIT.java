package org.pganalytics.storage.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;

/** Roll-ups beyond the time that minutes are kept, and of whole targets; and what becomes of a portion that fails. */
class RollUpHistoryIT {
    private static final String DATABASE = "datid, datname, numbackends, xact_commit, blks_hit, blks_read";
    private RollUpScene scene;

    @BeforeEach
    void open() {
        var url = System.getenv("PGANALYTICS_TIMESCALE_URL");
        var database = (url == null ? TestDatabase.create() : TestDatabase.createAt(url)).migrated();
        scene = new RollUpScene(database, RollUpScene.config(Duration.ofDays(1), Duration.ofDays(400)));
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private void collect(int target, Instant time, long commits) {
        scene.room("pg_stat_database", time);
        scene.collect(
                "pg_stat_database",
                target,
                time,
                DATABASE,
                List.of(
                        "1, 'a', 4, %d, %d, %d".formatted(commits, 9 * commits, commits),
                        "2, 'b', 6, %1$d, %1$d, 0".formatted(2 * commits)));
    }

    /** A collection each minute, rolled up. */
    private void minutes(int target, int count) {
        for (int minute = 0; minute < count; minute++) {
            collect(target, scene.base.plusSeconds(60L * minute), 100L * minute);
        }
        scene.rollUp();
    }

    private JsonObject hours(int target) {
        return scene.ask(
                "listBuckets",
                "pg_stat_database",
                Map.of(
                        "target", String.valueOf(target),
                        "from", scene.base.toString(),
                        "to", scene.base.plus(Duration.ofHours(4)).toString(),
                        "bucket", "1h",
                        "columns", "xact_commit,numbackends"));
    }

    private static List<String> readFrom(JsonObject page) {
        return page.getJsonArray("read_from").stream()
                .map(part -> ((JsonObject) part).getString("of"))
                .toList();
    }

    @Test
    void anHourWhoseMinutesAreGoneIsMadeAnewOfAllItsRows() {
        int target = scene.target();
        minutes(target, 240);
        scene.database.execute("DELETE FROM metrics_minute.pg_stat_database");
        scene.database.execute("UPDATE metric_family SET minutes_from = now() - interval '1 day'");
        // Falls, and so do the rows after it for the sample before them; in the last minute of an hour.
        collect(target, scene.base.plusSeconds(59 * 60 + 30), 1_000_000);
        var before = hours(target);
        assertTrue(readFrom(before).contains("rows"));
        scene.rollUp();
        var after = hours(target);

        assertEquals(List.of("hours"), readFrom(after));
        assertEquals(8, after.getJsonArray("rows").size());
        assertEquals(before.getJsonArray("rows"), after.getJsonArray("rows"));
    }

    @Test
    void whatIsNotedOfRowsThatAreGoneLeavesTheirRollUps() {
        int target = scene.target();
        minutes(target, 240);
        var before = hours(target);
        scene.database.execute("DELETE FROM metrics.pg_stat_database");
        scene.database.execute(RollUpScene.note("pg_stat_database", target, scene.base.plusSeconds(90 * 60)));
        scene.database.execute("INSERT INTO roll_up_work (family, level, target_id, pending) VALUES"
                + " ('pg_stat_database', 'hour', %d, int4multirange(int4range(%2$d, %2$d + 4)))"
                        .formatted(target, scene.base.getEpochSecond() / 3_600));
        scene.rollUp();

        assertEquals(0, scene.database.number("SELECT count(*) FROM roll_up_work"));
        assertEquals(List.of("hours"), readFrom(hours(target)));
        assertEquals(before.getJsonArray("rows"), hours(target).getJsonArray("rows"));
    }

    @Test
    void hoursThatWereDroppedAreReadFromTheRows() {
        int target = scene.target();
        minutes(target, 240);
        var before = hours(target);
        var until = scene.base.plus(Duration.ofHours(2));
        for (var level : List.of("minute", "ten", "hour")) {
            scene.database.execute("DELETE FROM metrics_%s.pg_stat_database WHERE time < '%s'".formatted(level, until));
            scene.database.execute("UPDATE metric_family SET %ss_from = '%s'".formatted(level, until));
        }

        assertEquals(List.of("rows", "hours"), readFrom(hours(target)));
        assertEquals(before.getJsonArray("rows"), hours(target).getJsonArray("rows"));
    }

    @Test
    void whatWaitsToBeRolledUpIsNotCountedAsMissed() {
        int target = scene.target();
        minutes(target, 90);
        scene.database.execute("DELETE FROM metrics_minute.pg_stat_database");
        scene.database.execute("INSERT INTO roll_up_work (family, level, target_id, pending) VALUES"
                + " ('pg_stat_database', 'minute', %d, int4multirange(int4range(%2$d, %2$d + 90)))"
                        .formatted(target, scene.base.getEpochSecond() / 60));
        scene.database.execute(
                "UPDATE metric_family SET roll_up_checked = '%s'".formatted(scene.base.minusSeconds(7_200)));
        scene.rollUp();

        assertEquals(
                0,
                scene.meters.get("pganalytics.storage.rollup.missed").counter().count());
        assertEquals(2 * 90, scene.database.number("SELECT count(*) FROM metrics_minute.pg_stat_database"));
    }

    @Test
    void anAverageIsOverTheTimeSinceTheFamilyHasTheColumn() {
        int target = scene.target();
        minutes(target, 60);
        scene.database.execute("UPDATE metrics_minute.pg_stat_database SET \"numbackends:avg\" = NULL,"
                + " \"numbackends:min\" = NULL, \"numbackends:max\" = NULL, \"numbackends:n\" = NULL WHERE time < '%s'"
                        .formatted(scene.base.plusSeconds(1_800)));
        scene.database.execute("INSERT INTO roll_up_work (family, level, target_id, pending) VALUES"
                + " ('pg_stat_database', 'hour', %d, int4multirange(int4range(%2$d, %2$d + 1)))"
                        .formatted(target, scene.base.getEpochSecond() / 3_600));
        scene.rollUp();

        assertEquals(
                List.of(List.of(4.0), List.of(6.0)),
                scene.database.rows("SELECT \"numbackends:avg\" FROM metrics_hour.pg_stat_database ORDER BY datid"));
    }

    @Test
    void whatIsLeftToDoHasWaitedSinceItBegan() {
        int target = scene.target();
        collect(target, scene.base, 0);
        scene.rollUp();
        long later = Instant.now().getEpochSecond() / 60 + 60;
        scene.database.execute("INSERT INTO roll_up_work (family, level, target_id, pending, since) VALUES"
                + " ('pg_stat_database', 'minute', %d, int4multirange(int4range(%2$d, %2$d + 1),"
                        .formatted(target, scene.base.getEpochSecond() / 60)
                + " int4range(%1$d, %1$d + 1)), now() - interval '1 hour')".formatted(later));
        scene.rollUp();

        assertEquals(
                List.of(List.of(true, later)),
                scene.database.rows("SELECT since = to_timestamp(60.0 * lower(pending)), lower(pending)::int8"
                        + " FROM roll_up_work WHERE level = 'minute'"));
    }

    @Test
    void theOverviewAddsUpWhatTheDatabasesOfATargetDid() {
        int target = scene.target();
        int silent = scene.target();
        var end = Instant.now().truncatedTo(ChronoUnit.MINUTES);
        // From the fifth minute on 100 and 200 commits each 20 s.
        for (int third = 0; third <= 3 * 40; third++) {
            collect(target, end.minusSeconds(41 * 60 - 20L * third), 100L * third);
        }
        scene.room("database_size", end);
        scene.collect(
                "database_size",
                target,
                end.minusSeconds(600),
                "datid, datname, size_bytes",
                List.of("1, 'a', 7", "2, 'b', 8"));
        scene.collect(
                "database_size",
                target,
                end.minusSeconds(300),
                "datid, datname, size_bytes",
                List.of("1, 'a', 10", "2, 'b', 20"));
        scene.rollUp();

        var page = scene.ask("fleetOverview", null, Map.of("limit", "1"));
        var line = page.getJsonArray("targets").getJsonObject(0);
        assertEquals(target, line.getInteger("target_id"));
        assertEquals(15.0, line.getDouble("commits_per_second"), 1e-9);
        assertEquals(11.0 / 12, line.getDouble("cache_hit_share"), 1e-9);
        assertEquals(10.0, line.getDouble("sessions"), 1e-9);
        assertEquals(2, line.getInteger("databases"));
        assertEquals(30.0, line.getDouble("database_bytes"), 1e-9);
        assertEquals(end.minusSeconds(60).toString(), line.getString("last_minute"));
        var rest = scene.ask("fleetOverview", null, Map.of("limit", "1", "cursor", page.getString("next")))
                .getJsonArray("targets")
                .getJsonObject(0);
        assertEquals(silent, rest.getInteger("target_id"));
        assertNull(rest.getString("last_minute"));
        assertNull(rest.getDouble("commits_per_second"));
    }

    @Test
    void rowsThatNobodyNotedAreFoundSomeHoursLater() {
        int target = scene.target();
        minutes(target, 90);
        var without = hours(target);
        scene.database.execute(
                "INSERT INTO metrics.pg_stat_database (time, target_id, datid, datname, xact_commit, numbackends)"
                        + " SELECT time + interval '20 seconds', target_id, datid, datname, xact_commit + 7, 50"
                        + " FROM metrics.pg_stat_database WHERE datid = 1 AND time < '%s'"
                                .formatted(scene.base.plusSeconds(3_700)));
        // From before the first of them on.
        scene.database.execute(
                "UPDATE metric_family SET roll_up_checked = '%s'".formatted(scene.base.minusSeconds(7_200)));
        scene.rollUp();

        assertEquals(
                62,
                scene.meters.get("pganalytics.storage.rollup.missed").counter().count());
        assertNotEquals(without.getJsonArray("rows"), hours(target).getJsonArray("rows"));
        assertEquals(
                scene.database.number("SELECT count(*) FROM metrics.pg_stat_database"),
                scene.database.number("SELECT sum(\":samples\") FROM metrics_hour.pg_stat_database"));
    }

    /** More of them than a turn has portions, and all before the one that is well. */
    @ParameterizedTest
    @ValueSource(ints = {1, 25})
    void targetsThatCannotBeRolledUpLetTheOthersBe(int failing) {
        var broken = IntStream.range(0, failing).mapToObj(one -> scene.target()).toList();
        int other = scene.target();
        Stream.concat(broken.stream(), Stream.of(other)).forEach(target -> {
            collect(target, scene.base, 0);
            collect(target, scene.base.plusSeconds(60), 10);
        });
        // More than a number of PostgreSQL can be, when it is added up.
        for (int target : broken) {
            for (var time : List.of("65 1e308", "75 -1e308", "85 1.7e308")) {
                var parts = time.split(" ");
                scene.collect(
                        "pg_stat_database",
                        target,
                        scene.base.plusSeconds(Long.parseLong(parts[0])),
                        "datid, datname, session_time",
                        List.of("1, 'a', " + parts[1]));
            }
        }
        scene.rollUp();

        assertEquals(
                broken.stream().map(List::of).toList(),
                scene.database.rows("SELECT DISTINCT target_id FROM roll_up_work ORDER BY 1"));
        assertEquals(
                List.of(List.of(other)),
                scene.database.rows("SELECT DISTINCT target_id FROM metrics_hour.pg_stat_database"));
        assertTrue(
                scene.meters.get("pganalytics.storage.rollup.failed").counter().count() > 0);
        assertEquals(List.of("hours"), readFrom(hours(other)));
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;

/** Two servers share the roll-ups; whichever is killed in the middle of one, no minute is lost and none is there twice. */
class RollUpKillIT {
    private static final int TARGETS = 60;
    private static final int MINUTES = 170;
    private static final Instant FROM =
            Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(Duration.ofMinutes(MINUTES));
    private static final String LEFT = "SELECT (SELECT count(*) FROM roll_up_due)"
            + " + (SELECT count(*) FROM roll_up_work WHERE level = 'minute')";
    private static final String MADE = "SELECT count(*) FROM metrics_minute.pg_stat_database";
    /** Minutes whose roll-ups are not what the rows say: their number, their sum, or that there is one a series. */
    private static final String WRONG = """
            WITH step AS (
                SELECT date_trunc('minute', time) AS minute, target_id, datid,
                       xact_commit - lag(xact_commit) OVER (PARTITION BY target_id, datid ORDER BY time) AS grown
                FROM metrics.pg_stat_database),
            expected AS (
                SELECT minute, target_id, datid, count(*) AS samples, sum(grown)::float8 AS grown
                FROM step GROUP BY 1, 2, 3),
            found AS (
                SELECT time AS minute, target_id, datid, sum(":samples") AS samples, sum("xact_commit:grown") AS grown,
                       count(*) AS copies
                FROM metrics_minute.pg_stat_database GROUP BY 1, 2, 3)
            SELECT count(*) FROM expected FULL JOIN found USING (minute, target_id, datid)
            WHERE (expected.samples, expected.grown, 1) IS DISTINCT FROM (found.samples, found.grown, copies)
            """;

    private static TestDatabase database;
    private static Program first;
    private static Program second;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.create();
        first = serve("roll-up-a");
        second = serve("roll-up-b");
        for (var day : List.of(FROM, Instant.now())) {
            var date = day.atOffset(ZoneOffset.UTC).toLocalDate();
            database.execute(
                    "CREATE TABLE IF NOT EXISTS metrics.pg_stat_database_p%s PARTITION OF metrics.pg_stat_database"
                            .concat(" FOR VALUES FROM ('%s 00:00+00') TO ('%s 00:00+00')")
                            .formatted(date.toString().replace("-", ""), date, date.plusDays(1)));
        }
        var collector = UUID.randomUUID();
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'c')".formatted(collector));
        database.execute(
                "INSERT INTO target (collector_id, name) SELECT '%s', 't' || one FROM generate_series(1, %d) AS one"
                        .formatted(collector, TARGETS));
    }

    /** Small portions and no grace, so that there are many to be killed in. */
    private static Program serve(String name) throws Exception {
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", "a secret for roll-ups",
                "PGANALYTICS_DATABASE_URL", database.address().url(),
                "PGANALYTICS_DATABASE_PASSWORD", database.address().password(),
                "PGANALYTICS_CLUSTER_RETRY_AFTER", "200ms",
                "PGANALYTICS_ROLL_UP_EVERY", "100ms",
                "PGANALYTICS_ROLL_UP_GRACE", "0s",
                "PGANALYTICS_ROLL_UP_SHARE", "1",
                "PGANALYTICS_ROLL_UP_TARGETS_AT_ONCE", "2",
                "PGANALYTICS_ROLL_UP_MINUTES_AT_ONCE", "10");
        return Program.start(Program.folder(name), environment, "serve").untilReady();
    }

    @AfterAll
    static void stop() throws Exception {
        for (var server : new Program[] {first, second}) {
            if (server != null) {
                server.close();
            }
        }
        database.close();
    }

    /** Rows of two databases, and the note of them, in one transaction as the store writes it. */
    private static void collect(int second) {
        database.execute("""
                INSERT INTO metrics.pg_stat_database (time, target_id, datid, datname, xact_commit)
                SELECT minute + interval '%1$d seconds', target_id, datid, 'd', extract(epoch FROM minute)::int8 / 60 * datid
                FROM generate_series(
                        '%2$s'::timestamptz, '%2$s'::timestamptz + interval '%3$d minutes', '1 minute') AS minute,
                    target, generate_series(1, 2) AS datid;
                INSERT INTO roll_up_due (families, family_of, targets, minutes)
                SELECT '{pg_stat_database}', array_agg(1), array_agg(target_id), array_agg(minute)
                FROM target, generate_series(%4$d, %4$d + %3$d) AS minute GROUP BY target_id
                """.formatted(second, FROM, MINUTES - 1, FROM.getEpochSecond() / 60));
    }

    private static void kill(Program server) throws Exception {
        long before = database.number(MADE);
        Awaitility.await("some of it is made")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> database.number(MADE) > before || database.number(LEFT) == 0);
        assertTrue(database.number(LEFT) > 0, "in the middle");
        server.signal("KILL");
        server.waitFor(Duration.ofSeconds(10));
    }

    @Test
    void noMinuteIsLostAndNoneIsThereTwice() throws Exception {
        collect(5);
        kill(first);
        first = serve("roll-up-a2");
        kill(second);
        // They come late: every minute that is rolled up already is to be made anew.
        collect(35);
        kill(first);
        first = serve("roll-up-a3");
        second = serve("roll-up-b2");

        Awaitility.await("all is rolled up")
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> database.number(LEFT) == 0);
        assertEquals(0, database.number(WRONG));
        assertEquals(2L * TARGETS * MINUTES, database.number(MADE));
    }
}

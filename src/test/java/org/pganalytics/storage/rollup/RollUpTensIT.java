package org.pganalytics.storage.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;

/** Roll-ups by ten minutes say what the rows say, also while a server of the version before makes none. */
class RollUpTensIT {
    private static final String FAMILY = "pg_stat_database";

    private RollUpScene scene;
    private int target;

    @BeforeEach
    void open() {
        var url = System.getenv("PGANALYTICS_TIMESCALE_URL");
        scene = new RollUpScene((url == null ? TestDatabase.create() : TestDatabase.createAt(url)).migrated());
        target = scene.target();
        scene.room(FAMILY, scene.base);
        scene.room(FAMILY, scene.base.plus(Duration.ofDays(1)));
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private void collect(Instant time, long commits) {
        scene.collect(FAMILY, target, time, "datid, datname, xact_commit", List.of("1, 'a', " + commits));
    }

    private JsonObject tens() {
        return scene.ask(
                "listBuckets",
                FAMILY,
                Map.of(
                        "target", String.valueOf(target),
                        "from", scene.base.toString(),
                        "to", scene.base.plusSeconds(3_600).toString(),
                        "bucket", "10m",
                        "columns", "xact_commit"));
    }

    private static List<String> readFrom(JsonObject page) {
        return page.getJsonArray("read_from").stream()
                .map(part -> ((JsonObject) part).getString("of"))
                .toList();
    }

    /** Of the answer it is said from when on; in it is all that grew from there on, and nothing of before. */
    @Test
    void theTopOfADayBeginsWithWholeTenMinutesAndSaysSo() {
        for (int step = 0; step <= 12 * 25; step++) {
            collect(scene.base.plusSeconds(300L * step), 10L * step * step);
        }
        var from = scene.base.plusSeconds(59 * 60 + 59);
        var query = Map.of(
                "target", String.valueOf(target),
                "by", "xact_commit",
                "from", from.toString(),
                "to", from.plus(Duration.ofHours(24)).toString());
        var before = scene.ask("listTop", FAMILY, query);
        scene.rollUp();
        var after = scene.ask("listTop", FAMILY, query);

        assertEquals(List.of("rows"), readFrom(before));
        assertEquals("ten_minutes", readFrom(after).get(0));
        for (var answer : List.of(before, after)) {
            assertEquals(scene.base.plusSeconds(50 * 60).toString(), answer.getString("from"));
            assertEquals(query.get("to"), answer.getString("to"));
            var grown = answer.getJsonArray("rows").getJsonObject(0).getJsonObject("grown");
            // From the sample at 45 minutes to that at 24 hours 55 minutes.
            assertEquals(10.0 * (299 * 299 - 9 * 9), grown.getDouble("xact_commit"));
        }
    }

    /** Its hours are noted, and no tens. */
    @Test
    void whatAnOlderServerMadeAnewIsReadFromTensWhenTheseAreMadeAnewToo() {
        for (int minute = 0; minute < 60; minute++) {
            collect(scene.base.plusSeconds(60L * minute), 100L * minute);
        }
        scene.rollUp();
        assertEquals(List.of("ten_minutes"), readFrom(tens()));
        scene.database.execute("UPDATE metrics_minute.pg_stat_database SET \"xact_commit:grown\" = 7");
        scene.database.execute("INSERT INTO roll_up_work (family, level, target_id, pending) VALUES"
                + " ('pg_stat_database', 'hour', %d, int4multirange(int4range(%2$d, %2$d + 1)))"
                        .formatted(target, scene.base.getEpochSecond() / 3_600));
        var before = tens();
        assertEquals(List.of("minutes"), readFrom(before));
        scene.rollUp();

        var after = tens();
        assertEquals(List.of("ten_minutes"), readFrom(after));
        assertEquals(before.getJsonArray("rows"), after.getJsonArray("rows"));
    }

    /** What that server declares has no table of them. */
    @Test
    void aFamilyThatAnOlderServerMadeIsReadFromMinutes() {
        scene.database.execute("DROP TABLE metrics_ten.pg_stat_database");
        scene.database.execute("UPDATE metric_family SET tens_from = NULL WHERE family = 'pg_stat_database'");
        for (int minute = 0; minute < 60; minute++) {
            collect(scene.base.plusSeconds(60L * minute), 100L * minute);
        }
        scene.rollUp();

        assertEquals(List.of("minutes"), readFrom(tens()));
        assertEquals(0, scene.database.number("SELECT count(*) FROM roll_up_work"));
    }
}

package org.pganalytics.storage.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.database.TestServer.await;
import static org.pganalytics.storage.tables.TestFamilies.int8;
import static org.pganalytics.storage.tables.TestFamilies.samples;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;

/** Every family can be rolled up, whatever its columns are called. */
class RollUpFamiliesIT {
    private RollUpScene scene;

    @BeforeEach
    void open() {
        var url = System.getenv("PGANALYTICS_TIMESCALE_URL");
        scene = new RollUpScene((url == null ? TestDatabase.create() : TestDatabase.createAt(url)).migrated());
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private void rollsUp(List<MetricFamily> families) {
        await(scene.tables.prepare(families));
        int target = scene.target();
        for (var family : families) {
            scene.room(family.name(), scene.base);
            for (int minute = 0; minute < 3; minute++) {
                var time = scene.base.plusSeconds(60L * minute);
                scene.database.execute("INSERT INTO metrics.%s (time, target_id) VALUES ('%s', %d)"
                        .formatted(family.name(), time, target));
                scene.database.execute(RollUpScene.note(family.name(), target, time));
            }
        }
        scene.rollUp();

        assertEquals(
                0,
                scene.meters.get("pganalytics.storage.rollup.failed").counter().count());
        assertEquals(List.of(), scene.database.rows("SELECT family, level FROM roll_up_work"));
        for (var family : families) {
            assertEquals(
                    List.of(List.of(3L, 3L)),
                    scene.database.rows(
                            "SELECT (SELECT count(*) FROM metrics_minute.%1$s), \":samples\"::int8 FROM metrics_hour.%1$s"
                                    .formatted(family.name())),
                    family.name());
            scene.ask(
                    "listBuckets",
                    family.name(),
                    Map.of(
                            "target", String.valueOf(target),
                            "from", scene.base.minusSeconds(30).toString(),
                            "to", scene.base.plusSeconds(3_630).toString(),
                            "bucket", "1m"));
        }
    }

    @Test
    void thoseThatAreShipped() {
        rollsUp(RollUpScene.FAMILIES.stream().filter(MetricFamily::rollsUp).toList());
    }

    /** As the statements would call what they make on their way. */
    @Test
    void thoseWithNamesThatAnybodyMightUse() {
        var names = List.of(
                "no",
                "began",
                "ended",
                "since",
                "gap",
                "bucket",
                "covered",
                "samples",
                "series",
                "seconds",
                "g0",
                "a0",
                "share",
                "place_time",
                "rate0",
                "row",
                "rows",
                "kept",
                "span",
                "sample");
        var keys = names.stream().map(name -> new Column(name, ColumnType.INT8, ColumnRole.KEY));
        rollsUp(List.of(
                samples("counted", names.stream().map(name -> int8(name)).toArray(Column[]::new)),
                samples(
                        "told_apart",
                        Stream.concat(keys, Stream.of(int8("hits"))).toArray(Column[]::new))));
    }
}

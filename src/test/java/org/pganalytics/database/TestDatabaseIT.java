package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests' own ground. */
class TestDatabaseIT {
    @Test
    void everyTestHasADatabaseOfItsOwn() {
        try (var one = TestDatabase.create();
                var other = TestDatabase.create()) {
            one.execute("CREATE TABLE thing (id int)");
            assertNotEquals(one.name(), other.name());
            assertEquals(0, other.number("SELECT count(*) FROM pg_tables WHERE tablename = 'thing'"));
            assertEquals(
                    List.of(List.of("pganalytics")),
                    one.rows("SELECT tableowner FROM pg_tables WHERE tablename = 'thing'"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void itIsTheVersionAskedForAndKeepsWhatItCommits(int major) {
        try (var database = TestDatabase.create(major)) {
            assertEquals(major, database.number("SELECT current_setting('server_version_num')::int / 10000"));
            assertEquals(
                    List.of(List.of("on", "on")),
                    database.rows("SELECT current_setting('fsync'), current_setting('synchronous_commit')"));
        }
    }
}

package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.collector.SpoolFileTest.all;
import static org.pganalytics.collector.SpoolFileTest.at;
import static org.pganalytics.collector.SpoolFileTest.numbers;
import static org.pganalytics.collector.SpoolFileTest.rows;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.model.Loss.Reason;

/** When a spool becomes a new instance, and what it then still has to say. */
class SpoolInstanceTest {
    @TempDir
    Path directory;

    private SpoolKeeper open() throws Exception {
        return SpoolKeeper.open(directory, SpoolConfig.defaults(), BatchConfig.defaults(), Clock.systemUTC());
    }

    @Test
    void aMarkAheadBeginsANewInstanceWithWhatIsAboveIt() throws Exception {
        var spool = open();
        spool.welcome(at(1, 0));
        for (int number = 1; number <= 6; number++) {
            spool.append(rows(number));
        }
        spool.next(0, 2, Long.MAX_VALUE);
        spool.close();
        spool = open();
        var old = spool.instance();
        assertEquals(BatchSource.Course.NEW_INSTANCE, spool.welcome(at(1, 4)).course());
        assertNotEquals(old, spool.instance());
        assertEquals(BatchSource.Course.SEND, spool.welcome(at(2, 0)).course());
        var left = all(spool, 0);
        assertEquals(List.of(1L, 2L), numbers(left));
        assertEquals(2, left.get(0).header().position().epoch());
        assertEquals(11, spool.status().rows());
        assertTrue(left.stream().allMatch(batch -> batch.header().losses().isEmpty()));
        spool.append(rows(1));
        assertEquals(List.of(3L), numbers(all(spool, 2)));
        spool.close();
    }

    @Test
    void anInstanceThatWasFollowedByAnotherBeginsAnewAndDeclaresWhatNobodyWillAnswer() throws Exception {
        var spool = open();
        spool.welcome(at(1, 0));
        for (int number = 1; number <= 6; number++) {
            spool.append(rows(number));
        }
        spool.next(0, 4, Long.MAX_VALUE);
        spool.settle(2);
        var old = spool.instance();
        spool.superseded();
        assertNotEquals(old, spool.instance());
        assertEquals(7, spool.status().rowsLost(), "batches 3 and 4 were sent, and stored or not");
        assertEquals(BatchSource.Course.SEND, spool.welcome(at(3, 0)).course());
        var left = all(spool, 0);
        assertEquals(List.of(1L, 2L, 3L), numbers(left), "5, 6 and the declaration");
        assertEquals(11, spool.status().rows());
        assertEquals(7, left.get(2).header().losses().get(0).rows());
        assertEquals(Reason.NO_LONGER_KEPT, left.get(2).header().losses().get(0).reason());
        spool.close();
    }

    @Test
    void anInstanceThatCannotDeclareItsLossDoesNotBegin() throws Exception {
        var spool = open();
        spool.welcome(at(1, 0));
        for (int number = 1; number <= 4; number++) {
            spool.append(rows(number));
        }
        spool.next(0, 2, Long.MAX_VALUE);
        spool.close();
        execute("CREATE TRIGGER full_disk BEFORE INSERT ON batch WHEN NEW.losses <> ''"
                + " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
        var full = open();
        var old = full.instance();
        assertThrows(SQLException.class, full::superseded);
        assertEquals(old, full.instance());
        assertEquals(10, full.status().rows(), "all of it is still there");
        full.close();
        execute("DROP TRIGGER full_disk");
        spool = open();
        assertEquals(old, spool.instance());
        spool.superseded();
        assertEquals(3, spool.status().rowsLost());
        spool.welcome(at(2, 0));
        assertEquals(List.of(1L, 2L, 3L), numbers(all(spool, 0)), "3, 4 and the declaration");
        spool.close();
    }

    private void execute(String sql) throws SQLException {
        try (var file = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("spool.db"));
                var statement = file.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void whatWasCollectedSinceTheRestoreAndHasATakenNumberIsDeclared() throws Exception {
        var spool = open();
        spool.append(rows(7));
        assertEquals(BatchSource.Course.NEW_INSTANCE, spool.welcome(at(1, 5)).course());
        spool.welcome(at(2, 0));
        assertEquals(7, all(spool, 0).get(0).header().losses().get(0).rows());
        spool.close();
    }
}

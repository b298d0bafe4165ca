package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.collector.load.JournalReader.Fate;
import org.pganalytics.collector.load.JournalReader.SentBatch;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.model.Digest;
import org.pganalytics.model.MetricFamily;

/** Two collectors of two targets, three observations each, in a real PostgreSQL; then something is done to one row. */
class LoadVerifierIT {
    private static final UUID[] COLLECTORS = {UUID.randomUUID(), UUID.randomUUID()};
    private static final int TARGETS = 2;
    private static final int TICKS = 3;
    private static final long NOW = 1_763_680_000_123_457L;
    private static final String ONE = " WHERE ctid = (SELECT min(ctid) FROM metrics.";

    private static TestDatabase database;
    private static Connection connection;
    private static FamilyRows rows;

    private final BlockGenerator generator = new BlockGenerator(11, TestFamilies.ALL);
    private final List<SentBatch> batches = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.create();
        connection = database.connect();
        rows = new FamilyRows(connection);
        rows.createTargets();
        for (var family : TestFamilies.ALL) {
            rows.create(family);
        }
        for (int collector = 0; collector < COLLECTORS.length; collector++) {
            for (int target = 0; target < TARGETS; target++) {
                rows.execute("INSERT INTO target (collector_id, name) VALUES ('%s', '%s')"
                        .formatted(COLLECTORS[collector], FleetNames.target(collector, target)));
            }
        }
        rows.execute("INSERT INTO target (collector_id, name) VALUES ('%s', 'somebody else''s')"
                .formatted(UUID.randomUUID()));
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        database.close();
    }

    @BeforeEach
    void fill() throws Exception {
        connection.setAutoCommit(false);
        for (int collector = 0; collector < COLLECTORS.length; collector++) {
            for (int target = 0; target < TARGETS; target++) {
                for (int tick = 0; tick < TICKS; tick++) {
                    store(new SampleSource(collector, target, tick, NOW + 10_000_000L * tick + target));
                }
            }
        }
    }

    @AfterEach
    void forget() throws Exception {
        connection.rollback();
    }

    @Test
    void whatIsThereAsItWasSentIsClean() throws Exception {
        assertClean(verify());
        assertEquals(TestFamilies.ALL.size(), verify().families());
    }

    @Test
    void rowsOfOtherCollectorsAreNobodysBusiness() throws Exception {
        rows.execute("INSERT INTO metrics.pg_stat_database (time, target_id) SELECT now(), target_id FROM target"
                + " WHERE name = 'somebody else''s'");
        assertClean(verify());
    }

    @ParameterizedTest(name = "{0}.{1} = {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "pg_stat_database ; datid ; datid # 1",
                "pg_stat_database ; datname ; datname || ' '",
                "pg_stat_database ; is_template ; NOT coalesce(is_template, true)",
                "pg_stat_database ; numbackends ; coalesce(numbackends, 0) # 1",
                "pg_stat_database ; xact_commit ; xact_commit + 1",
                "pg_stat_database ; blk_read_time ; (blk_read_time::text::numeric * 1.000000000000001)::float8",
                "pg_stat_database ; hit_ratio ; CASE WHEN hit_ratio IS NULL THEN 0 END",
                "pg_stat_database ; stats_reset ; coalesce(stats_reset, now()) + interval '1 microsecond'",
                "pg_stat_database ; state ; CASE WHEN state IS NULL THEN '' END",
                "pg_stat_statements ; queryid ; queryid - 1",
                "pg_stat_statements ; toplevel ; NOT toplevel",
                "pg_stat_statements ; calls ; NULL",
                "pg_statement_text ; query ; query || 'é'",
                "pg_statement_text ; query ; NULL"
            })
    void oneAlteredValueIsFound(String family, String column, String value) throws Exception {
        alter("UPDATE metrics.%s SET %s = %s".formatted(family, column, value) + ONE + family + ")");
        var found = verify();
        assertEquals(List.of(1L, 0L, 1L), counts(found));
        assertTrue(found.details().get(0).startsWith(family + ", target_id "), found.details()::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"time = time + interval '1 microsecond'", "target_id = target_id + 1"})
    void aRowMovedElsewhereIsFound(String change) throws Exception {
        alter("UPDATE metrics.pg_stat_database SET " + change + ONE + "pg_stat_database)");
        assertEquals(List.of(1L, 0L, 1L), counts(verify()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_stat_database", "pg_stat_statements", "pg_statement_text"})
    void oneMissingRowIsFound(String family) throws Exception {
        alter("DELETE FROM metrics." + family + ONE + family + ")");
        assertEquals(List.of(1L, 0L, 0L), counts(verify()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_stat_database", "pg_stat_statements"})
    void oneDoubledRowIsFound(String family) throws Exception {
        alter("INSERT INTO metrics.%1$s SELECT * FROM metrics.%1$s".formatted(family) + ONE + family + ")");
        assertEquals(List.of(0L, 1L, 0L), counts(verify()));
    }

    @Test
    void aRowMissingAndAnotherDoubledDoNotMakeUpForEachOther() throws Exception {
        alter("DELETE FROM metrics.pg_stat_database" + ONE + "pg_stat_database)");
        alter("INSERT INTO metrics.pg_stat_database SELECT * FROM metrics.pg_stat_database" + ONE
                + "pg_stat_database)");
        assertEquals(List.of(1L, 1L, 0L), counts(verify()));
    }

    @Test
    void everythingTwiceIsFound() throws Exception {
        rows.execute("INSERT INTO metrics.pg_stat_statements SELECT * FROM metrics.pg_stat_statements");
        assertEquals(List.of(0L, 300L * COLLECTORS.length * TARGETS * TICKS, 0L), counts(verify()));
    }

    @Test
    void aTableOrATargetThatIsGoneIsFound() throws Exception {
        rows.execute("DROP TABLE metrics.pg_stat_database");
        rows.execute("DELETE FROM target WHERE name = '" + FleetNames.target(1, 1) + "'");
        long databases = 5L * COLLECTORS.length * TARGETS * TICKS;
        assertEquals(List.of(databases + 300L * TICKS + 300L, 0L, 0L), counts(verify()));
    }

    @Test
    void aBatchThatWasNeverAckedMayBeThereOnceOrNotAtAll() throws Exception {
        var open = batches.remove(batches.size() - 1);
        batches.add(new SentBatch(open.collector(), open.sending(), Fate.UNKNOWN));
        assertClean(verify());

        var one =
                " WHERE target_id = 4 AND time = (SELECT max(time) FROM metrics.pg_stat_database WHERE target_id = 4)";
        rows.execute("DELETE FROM metrics.pg_stat_statements" + one);
        rows.execute("DELETE FROM metrics.pg_stat_database" + one);
        assertClean(verify());

        var source = open.sending().source();
        var block = generator.block(TestFamilies.DATABASES, FleetNames.target(source), source);
        rows.insert(TestFamilies.DATABASES, 4, block);
        rows.insert(TestFamilies.DATABASES, 4, block);
        assertEquals(List.of(0L, 5L, 0L), counts(verify()));
    }

    private void alter(String sql) throws Exception {
        try (var statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate(sql), sql);
        }
    }

    private void store(SampleSource source) throws Exception {
        var contents = new ArrayList<JournalEntry.FamilyContent>();
        for (int at = 0; at < TestFamilies.ALL.size(); at++) {
            MetricFamily family = TestFamilies.ALL.get(at);
            if (BlockGenerator.isSeen(family, source)) {
                var block = generator.block(family, FleetNames.target(source), source);
                rows.insert(family, source.collector() * TARGETS + source.target() + 1, block);
                contents.add(new JournalEntry.FamilyContent(at, ContentHash.of(block)));
            }
        }
        var sending = new JournalEntry.Sending(source, 1, batches.size() + 1, Digest.of(new byte[0]), contents);
        batches.add(new SentBatch(COLLECTORS[source.collector()], sending, Fate.ACKED));
    }

    private Verification verify() throws Exception {
        return new LoadVerifier(generator, connection, new JournalReader.Contents(Set.of(COLLECTORS), batches))
                .verify();
    }

    private static void assertClean(Verification found) {
        assertTrue(found.clean(), found.details()::toString);
        assertFalse(found.families() == 0);
    }

    private static List<Long> counts(Verification found) {
        return List.of(found.rowsMissing(), found.rowsDuplicated(), found.contentMismatch());
    }
}

package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Reading;
import org.pganalytics.model.MetricFamily.Scope;
import org.pganalytics.model.MetricFamily.Sending;
import org.pganalytics.model.MetricFamily.Source;

class FamilyFilesTest {
    private static final String GOOD = """
            family = table_io
            title = "One row a table"
            scope = database
            interval = 30s
            retention = 7d
            columns = [
              { name = relid, type = int8, role = key }
              { name = reads, type = int8, role = counter }
            ]
            sql = [
              { from = 14, to = 16, sql = "select 1" }
              { from = 17, sql = "select 2" }
            ]
            """;

    private static final String WITHOUT_SQL = GOOD.substring(0, GOOD.indexOf("sql = ["));

    @TempDir
    Path directory;

    @Test
    void aDeclarationIsReadWhole() throws IOException {
        write("table_io.conf", GOOD);

        var family = FamilyFiles.load(directory).get(0);

        assertEquals("table_io", family.name());
        assertEquals(Kind.SAMPLES, family.kind());
        assertEquals(Scope.DATABASE, family.scope());
        assertEquals(Duration.ofSeconds(30), family.interval());
        assertEquals(Duration.ofDays(7), family.retention());
        assertEquals(ColumnType.INT8, family.schema().columns().get(1).type());
        assertEquals(ColumnRole.COUNTER, family.schema().columns().get(1).role());
        assertEquals("select 1", family.statementFor(16).orElseThrow().sql());
        assertEquals("select 2", family.statementFor(99).orElseThrow().sql());
        assertTrue(family.statementFor(13).isEmpty());
        assertEquals(Reading.USUAL, family.reading());
        assertTrue(family.seriesMax().isEmpty());
    }

    @Test
    void aDeclarationSaysHowManySeriesThereMayBe() throws IOException {
        write("a.conf", GOOD.replace("table_io", "table_io\nseries-max = 5000"));
        write("b.conf", GOOD.replace("table_io", "any_number\nseries-max = 0"));

        var families = FamilyFiles.load(directory);

        assertEquals(OptionalInt.of(5_000), families.get(0).seriesMax());
        assertEquals(OptionalInt.of(0), families.get(1).seriesMax());
    }

    @Test
    void aDeclarationSaysWhereItsRowsComeFromAndWhichAreSent() throws IOException {
        write("a.conf", GOOD.replace("table_io", "table_io\nsend = moved\nfull-every = 30m"));
        write("b.conf", WITHOUT_SQL.replace("table_io", "memory\nsource = host"));
        write("c.conf", WITHOUT_SQL.replace("table_io", "old\nsource = v3"));

        var families = FamilyFiles.load(directory);

        assertEquals(
                new Reading(Source.SQL, Sending.MOVED, Duration.ofMinutes(30)),
                families.get(0).reading());
        assertEquals(Source.HOST, families.get(1).reading().source());
        assertEquals(Source.V3, families.get(2).reading().source());
        assertTrue(families.get(2).statements().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            interval = 30s        | interval = 0s          | table_io.conf:4: interval: found "0s"; allowed is a duration
            interval = 30s        | intervall = 30s        | table_io.conf:4: intervall: found an unknown key
            scope = database      | scope = galaxy         | table_io.conf:3: scope: found "galaxy"; allowed is one of
            type = int8           | type = int9            | type int9 is none of [bool, int4
            role = counter        | role = boss            | role boss is none of [key, counter
            name = reads          | name = relid           | column relid is reserved or stands twice
            name = reads          | name = "Robert'); --"  | must be 1 to 63 of a-z
            name = reads          | name = time            | column time is reserved
            family = table_io     | family = Table         | family name 'Table' must be
            to = 16               | to = 17                | versions that overlap
            sql = [               | source = host,sql = [  | sql: found statements of a source that takes none
            scope = database      | source = moon          | source: found "moon"; allowed is one of sql, host, pgbouncer
            scope = database      | send = half            | send: found "half"; allowed is one of all, moved
            scope = database      | series-max = -2        | series-max: found -2; allowed is 0 (any number) to 100000000
            scope = database      | full-every = 1s        | full-every: found "1s"; allowed is a duration
            title = "One row      | kind = dictionary,title = "One row | kind without its keys
            columns = [           | columns = 5, junk = [  | table_io.conf
            """)
    void aBadDeclarationIsToldByFileAndKey(String good, String bad, String message) throws IOException {
        write("table_io.conf", GOOD.replaceFirst(java.util.regex.Pattern.quote(good), bad));

        var problem = assertThrows(ConfigException.class, () -> FamilyFiles.load(directory));

        assertTrue(problem.getMessage().contains(message), problem.getMessage());
    }

    @Test
    void aSourceThatIsAskedNeedsItsQuestion() throws IOException {
        write("table_io.conf", WITHOUT_SQL);

        var problem = assertThrows(ConfigException.class, () -> FamilyFiles.load(directory));

        assertTrue(problem.getMessage().contains("sql: found no statement"), problem.getMessage());
    }

    @Test
    void everyFilesProblemsAreToldAtOnce() throws IOException {
        write("a.conf", GOOD.replace("scope = database", "scope = galaxy"));
        write("b.conf", "this is { not HOCON");
        write("c.conf", GOOD);

        var problem = assertThrows(ConfigException.class, () -> FamilyFiles.load(directory));

        assertTrue(problem.getMessage().contains("a.conf:3"), problem.getMessage());
        assertTrue(problem.getMessage().contains("b.conf"), problem.getMessage());
        assertTrue(problem.getMessage().contains("declared by another file"), problem.getMessage());
    }

    @Test
    void aMissingDirectoryIsTold() {
        var problem = assertThrows(ConfigException.class, () -> FamilyFiles.load(directory.resolve("none")));
        assertTrue(problem.getMessage().contains("none that can be read"), problem.getMessage());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }
}

package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.TargetConfig;

/** Where a collector's targets and their passwords come from, and what is wrong with them. */
class CollectorConfigFileTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("WATCHER", "of the environment", "EMPTY", "");

    @TempDir
    Path folder;

    private Path more;
    private Path passfile;

    @BeforeEach
    void prepare() throws IOException {
        more = Files.createDirectory(folder.resolve("targets"));
        passfile = Files.writeString(folder.resolve("passes"), "*:5433:*:watcher:of the file\n");
        Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-------"));
    }

    private CollectorConfig load(String... lines) throws IOException {
        var file = Files.writeString(
                folder.resolve("collector.conf"),
                String.join("\n", lines).replace("PASSES", passfile.toString()).replace("MORE", more.toString()));
        return CollectorConfigFile.load(file, ENVIRONMENT);
    }

    private List<String> problems(String... lines) {
        return assertThrows(ConfigException.class, () -> load(lines)).problems().stream()
                .map(Problem::toString)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            password = plain                     | plain
            password-env = WATCHER               | of the environment
            port = 5433, passfile = "PASSES"     | of the file
            password-file = "PASSES"             | *:5433:*:watcher:of the file
            """)
    void aPasswordComesFromWhereItIs(String where, String expected) throws IOException {
        var config = load("targets = [ { name = a, user = watcher, " + where + " } ]");
        assertEquals(expected, config.targets().get(0).password());
        assertFalse(config.toString().contains(expected));
    }

    @Test
    void aLogFormatThatThereIsNotIsToldWithItsPlaceAndWhatThereIs() {
        var problems = problems("", "log.format = logfmt");
        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0);
        assertTrue(said.endsWith("collector.conf:2: log.format: found \"logfmt\"; allowed is one of text, json"), said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            password-env = MISSING                  | password-env: found MISSING, which is not set; allowed is the name
            password-env = EMPTY                    | password-env: found EMPTY, which is not set
            passfile = "PASSES"                     | passfile: found no line in
            passfile = "gone"                       | passfile: found gone, which cannot be read
            password = a, password-env = WATCHER    | password-env: found two passwords: [password, password-env]
            password-env = WATCHER, passfile = "PASSES" | passfile: found two passwords: [password-env, passfile]
            client-certificate = "a.pem"            | client-key
            sslmode = maybe                         | sslmode: found "maybe"; allowed is one of disable, prefer
            pasword = a                             | targets.pasword: found an unknown key
            """)
    void aMistakeIsToldWithItsPlace(String line, String message) {
        var problems = problems("targets = [ { name = a, user = watcher", line, "} ]");
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains(message), problems::toString);
    }

    @Test
    void aPassfileThatOthersMayReadIsToldAndNoPasswordShown() throws IOException {
        Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-r-----"));
        var problems = problems("targets = [ { name = a, user = watcher, port = 5433, passfile = \"PASSES\" } ]");
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("with mode rw-r-----; allowed is a file for its owner only: chmod 600"));
        assertFalse(problems.get(0).contains("of the file"));
    }

    @Test
    void eachFileOfADirectoryIsATarget() throws IOException {
        Files.writeString(more.resolve("orders.conf"), "user = watcher, password-env = WATCHER, port = 6000");
        Files.writeString(more.resolve("users.conf"), "name = people, user = watcher, databases = [ a, b ]");
        Files.writeString(more.resolve("notes.txt"), "no target");
        var config = load("targets = [ { name = listed, user = watcher } ], targets-dir = \"MORE\"");
        var names = config.targets().stream().map(TargetConfig::name).toList();
        assertEquals(List.of("listed", "orders", "people"), names);
        assertEquals("of the environment", config.targets().get(1).password());
        assertEquals(List.of("a", "b"), config.targets().get(2).databases());
    }

    @Test
    void everyFilesMistakesAreToldWithTheirFile() throws IOException {
        Files.writeString(more.resolve("a.conf"), "user = watcher\nprot = 6000");
        Files.writeString(more.resolve("b.conf"), "user = watcher\nport = high");
        Files.writeString(more.resolve("c.conf"), "user = {");
        Files.writeString(more.resolve("d.conf"), "user = ${NOWHERE_AT_ALL}");
        var problems = problems("targets-dir = \"MORE\"");
        assertTrue(problems.get(0).startsWith(more.resolve("a.conf") + ":2: targets.prot: found an unknown key"));
        for (var file : List.of("b.conf:2: port", "c.conf:1: (syntax)", "d.conf: (syntax)")) {
            assertTrue(
                    problems.stream().anyMatch(problem -> problem.startsWith(more + "/" + file)),
                    () -> file + " in " + problems);
        }
    }

    @Test
    void aNameStandsOnceOverListAndDirectory() throws IOException {
        Files.writeString(more.resolve("a.conf"), "user = watcher");
        var problems = problems("targets = [ { name = a, user = watcher } ], targets-dir = \"MORE\"");
        assertTrue(problems.get(0).contains("the name a stands twice"), problems::toString);
    }

    /** What is not said has no line of its own: that of the first key beside it tells which target it is. */
    @Test
    void whatATargetDoesNotSayIsToldAtItsLine() {
        var problems = problems("targets = [", "  { name = a }", "  { user = watcher }", "]");
        var file = folder.resolve("collector.conf");
        assertTrue(problems.get(0).startsWith(file + ":2: user: found"), problems::toString);
        assertTrue(problems.get(1).startsWith(file + ":3: name: found"), problems::toString);
    }

    /** It once ended in a trace. */
    @Test
    void aTargetOfNobodyIsToldWithoutShowingTheOthers() {
        var problems = problems(
                "targets = [ { name = a }, { name = b, user = watcher, password = hidden }, { user = watcher } ]");
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("user: found \"\"; allowed is"), problems::toString);
        assertTrue(problems.get(1).contains("name: found \"\"; allowed is"), problems::toString);
        assertFalse(problems.toString().contains("hidden"));
    }

    @Test
    void aDirectoryThatIsNotThereIsTold() {
        var problems = problems("targets-dir = \"MORE/gone\"");
        assertTrue(problems.get(0).contains("targets-dir: found no directory that can be read"), problems::toString);
    }

    @ParameterizedTest
    @CsvSource({"-1", "65", "NaN", "much"})
    void aBudgetOutOfRangeIsRefused(String budget) {
        var problems = problems("cpu-budget = " + budget);
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("cpu-budget"), problems::toString);
    }
}

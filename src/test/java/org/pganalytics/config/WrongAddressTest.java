package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a host to listen on, and of a database's URL, that cannot be used. */
class WrongAddressTest {
    private static final String UNUSABLE = "a URL that cannot be used (not shown, it may hold a password): ";

    @TempDir
    Path folder;

    private List<Problem> problems(String text) throws IOException {
        var file = Files.writeString(folder.resolve("server.conf"), text);
        return assertThrows(ConfigException.class, () -> ServerConfigFile.load(file, Map.of()))
                .problems();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            tcp.host = ""              | tcp.host: found ""; allowed is an address of this machine such as 127.0.0.1
            tcp.host = [1]             | tcp.host: found [1]; allowed is a text
            tcp.host = "127.0.0.1 "    | tcp.host: found "127.0.0.1 "; allowed is an address of this machine
            tcp.host = "127.0.0.1:7431" | tcp.host: found "127.0.0.1:7431"; allowed is an address of this machine
            http.host = 127.0.0.999    | http.host: found "127.0.0.999"; allowed is an address of this machine
            management.host = "::g"    | management.host: found "::g"; allowed is an address of this machine
            tcp.host = db              | tcp.host: found "db"; allowed is 127.0.0.1, ::1 or localhost, since it would listen
            database.url = nonsense    | database.url: found UNUSABLE a database URL begins
            database.url = "postgresql://h:99999/d" | database.url: found UNUSABLE port '99999'
            database.url = [1]         | database.url: found [1]; allowed is a text
            database.replicas.url = "postgresql://h/d?x=1" | database.replicas.url: found UNUSABLE parameter 'x'
            """)
    void itIsToldWithWhatIsWrongAndWhatIsAllowed(String line, String message) throws IOException {
        var problems = problems("log.level = info\n" + line);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(
                said.startsWith(folder.resolve("server.conf") + ":2: " + message.replace("UNUSABLE ", UNUSABLE)), said);
    }

    @ParameterizedTest
    @CsvSource({
        "'postgresql://u:s3c/ret@h/d'",
        "'postgresql:/u:s3cret@h/d'",
        "'u:s3cret@h'",
        "'postgresql://u:s3cret'",
        "'postgresql://u:s3cret@h:x/d'",
        "'postgresql://h:0/d?password=s3cret'"
    })
    void aPasswordInAUrlThatCannotBeUsedIsNotRepeated(String url) throws IOException {
        var said = problems("database.url = \"%s\"".formatted(url)).toString();

        assertTrue(said.contains("database.url: found a URL that cannot be used"), said);
        assertTrue(said.contains("allowed is one such as postgresql://user@host:5432"), said);
        assertFalse(said.contains("s3c"), said);
    }

    @ParameterizedTest
    @CsvSource({"tcp.host,%s", "database.url,postgresql://%s/d", "database.url,postgresql://h:1%s/d"})
    void aHugeValueIsToldInShort(String key, String form) throws IOException {
        var huge = form.formatted(form.contains("h:1") ? "1".repeat(100_000) : "h".repeat(100_000));

        var problems = problems("%s = \"%s\"".formatted(key, huge));

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(
                problems.get(0).toString().length() < 600, () -> problems.get(0).toString());
        assertTrue(problems.get(0).found().contains("…"), problems::toString);
    }
}

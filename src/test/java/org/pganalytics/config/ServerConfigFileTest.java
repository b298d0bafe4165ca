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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong in a server's configuration is told by place, key, what was found and what is allowed. */
class ServerConfigFileTest {
    private static final Map<String, String> NOTHING = Map.of();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            tcp.prot = 7431            | tcp.prot: found an unknown key; allowed is one of tcp.[
            typo = 1                   | typo: found an unknown key; allowed is one of [admission,
            typo {}                    | typo: found an unknown key; allowed is one of [admission,
            tcp.typo = null            | tcp.typo: found an unknown key; allowed is one of tcp.[
            tcp.port = high            | tcp.port: found "high"; allowed is a whole number
            tcp.port = 65536           | tcp.port: found 65536; allowed is between 0 and 65535
            tcp.port = null            | tcp.port: found null; allowed is a whole number
            tcp.port = [1]             | tcp.port: found [1]; allowed is a whole number
            tcp = 5                    | tcp: found a number; allowed is a section { … }
            tcp.port { a = 1 }         | tcp.port: found {"a":1}; allowed is a whole number
            tcp.idle-time = 5 parsecs  | tcp.idle-time: found "5 parsecs"; allowed is a duration such as 10s
            storage.copy = perhaps     | storage.copy: found "perhaps"; allowed is true or false
            storage.lanes = 33         | storage.lanes: found 33; allowed is between 1 and 32
            storage.bytes-max = lots   | storage.bytes-max: found "lots"; allowed is a size in bytes such as 64KiB
            log.level = loud           | log.level: found "loud"; allowed is one of error, warn, info, debug, trace
            server.event-loops = 257   | server.event-loops: found 257; allowed is 0 (one a core) to 256
            shutdown.within = 11m      | shutdown.within: found "11m"; allowed is a duration from 1s to 10m
            registration.secret-file = gone | registration.secret-file: found gone, which cannot be read; allowed is
            tcp.tls.mode = maybe       | tcp.tls.mode: found "maybe"; allowed is one of off, on, terminated-upstream
            tcp.tls.client-auth = optional | tcp.tls.client-auth: found "optional"; allowed is none unless tls.mode = on
            tls.reload-every = 500ms   | tls.reload-every: found "500ms"; allowed is between
            tls.ca.certificate-lifetime = 1s | tls.ca.certificate-lifetime: found "1s"; allowed is between
            ingest.in-flight-bytes-max = 127MiB | ingest.in-flight-bytes-max: found "127MiB"; allowed is at least 134217728
            management.connections-max = 1 | management.connections-max: found 1; allowed is between 2 and 10000
            cluster.work-max = 2d      | cluster.work-max: found "2d"; allowed is between 1s and 1d
            series.per-family-max = 0  | series.per-family-max: found 0; allowed is between 1 and 100000000
            series.memory-bytes-max = 1KiB | series.memory-bytes-max: found "1KiB"; allowed is between 1048576 and
            series.report-every = 1d   | series.report-every: found "1d"; allowed is between 100ms and 1h
            storage.digest-ring = 31   | storage.digest-ring: found 31; allowed is at least twice tcp.window (16): 32
            http.idle-time = 50s       | http.idle-time: found "50s"; allowed is longer than v3.retry-wait (50s)
            """)
    void aMistakeIsToldWithItsPlace(String line, String message) throws IOException {
        var problems = problems("log.level = info\n" + line, NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(said.startsWith(folder.resolve("server.conf") + ":2: " + message), said);
    }

    @Test
    void aPasswordInAUrlOfRedisIsNotRepeated() throws IOException {
        var problems = problems("redis.urls = [\"redis://me:hunter2@redis:6379\"]", NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(said.contains("redis.urls: found [\"redis://***@redis:6379\"]; allowed is redis://host:port"), said);
    }

    @Test
    void anUnfinishedFileIsToldWithItsLine() throws IOException {
        var problems = problems("tcp {\n  port = 1\n", NOTHING);

        assertEquals("(syntax)", problems.get(0).key());
        assertTrue(problems.get(0).line() > 0, problems::toString);
    }

    /** HOCON itself would pass over it, and what it says would be missing without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"include \"gone.conf\"", "include \"gone\"", "include file(\"%s/gone.conf\")"})
    void anIncludedFileThatIsMissingIsAProblem(String include) throws IOException {
        var problems = problems("log.level = info\n" + include.formatted(folder), NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        assertEquals("(include)", problems.get(0).key());
        assertTrue(problems.get(0).toString().contains("gone"), problems::toString);
    }

    @Test
    void anIncludedFileCounts() throws IOException {
        Files.writeString(folder.resolve("more.conf"), "tcp.port = 5");
        Files.writeString(folder.resolve("server.conf"), "tcp.port = 4\ninclude \"more.conf\"");

        assertEquals(
                5,
                ServerConfigFile.load(folder.resolve("server.conf"), NOTHING)
                        .tcp()
                        .port());
    }

    @Test
    void aReferenceToNothingIsAProblemOfTheFile() throws IOException {
        var problems = problems("log.level = info\ntcp.port = ${nowhere}", NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).toString().contains("server.conf:2: (syntax)"), problems::toString);
    }

    @Test
    void aLogFormatThatThereIsNotIsToldWithItsPlaceAndWhatThereIs() throws IOException {
        var problems = problems("tcp.port = 0\nlog.format = xml", NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(said.endsWith("server.conf:2: log.format: found \"xml\"; allowed is one of text, json"), said);
        assertEquals(LogFormat.TEXT, ServerConfigFile.logFormat(folder.resolve("server.conf"), NOTHING));

        var ofEnvironment =
                problems("", Map.of("PGANALYTICS_LOG_FORMAT", "JSON5")).get(0).toString();
        assertTrue(ofEnvironment.contains("PGANALYTICS_LOG_FORMAT"), ofEnvironment);
        assertTrue(ofEnvironment.endsWith("found \"JSON5\"; allowed is one of text, json"), ofEnvironment);
    }

    @Test
    void aFileThatIsMissingIsToldByItsName() {
        var missing = folder.resolve("missing.conf");

        var wrong = assertThrows(ConfigException.class, () -> ServerConfigFile.load(missing, NOTHING));

        assertEquals(
                missing + ": (file): found no file that can be read; allowed is a HOCON file",
                wrong.problems().get(0).toString());
    }

    @Test
    void aSecretIsRefusedWithoutBeingShown() throws IOException {
        var problems = problems("registration.secret = \"too short\"", NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(
                said.contains("registration.secret: found (a secret, not shown); allowed is between 12 and 256"), said);
        assertFalse(said.contains("too short"), said);
    }

    @Test
    void aSecretAndAFileWithOneAreTooMany() throws IOException {
        var file = secretFile("another good secret\n");

        var problems = problems(
                "registration { secret = \"a good enough secret\", secret-file = \"%s\" }".formatted(file), NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(
                said.endsWith("registration.secret: found both secret and secret-file; allowed is one of them"), said);
    }

    @Test
    void aSecretIsTheFirstLineOfItsFile() throws IOException {
        var file = secretFile("the secret of the file  \nand a remark\n");

        var config = load("registration.secret-file = \"%s\"".formatted(file), NOTHING);

        assertEquals(
                Optional.of("the secret of the file"), config.registration().secret());
        assertFalse(config.settings().toString().contains("the secret of"), "what a reload compares is masked");
    }

    @ParameterizedTest
    @CsvSource({"tcp,0.0.0.0", "http,10.1.2.3", "management,::"})
    void aListenerBeyondThisMachineNeedsTls(String door, String host) throws IOException {
        var problems = problems("%s.host = \"%s\"".formatted(door, host), NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(said.contains(door + ".host: found \"" + host + "\"; allowed is"), said);
        assertTrue(said.contains("would listen unencrypted beyond this machine"), said);
    }

    @Test
    void whoWantsCertificatesNeedsAnAuthority() throws IOException {
        var tls = "http.tls { mode = on, certificate = pom.xml, key = pom.xml, client-auth = required }";
        var alone = problems(tls, NOTHING).toString();
        assertTrue(alone.contains("http.tls.client-auth: found \"required\"; allowed is none without"), alone);
        assertTrue(alone.contains("./pganalytics tls ca create"), alone);
        var half = problems(tls + ", tls.ca.certificate = pom.xml", NOTHING).toString();
        assertTrue(half.contains("allowed is a file when tls.ca.certificate is one"), half);
        load(tls + ", tls.ca { certificate = pom.xml, key = pom.xml }", NOTHING);
    }

    @Test
    void aListenerBehindABalancerThatEndsTlsIsAllowed() throws IOException {
        var config = load("""
                tcp.host = "0.0.0.0"
                tcp.tls { mode = terminated-upstream, upstream-addresses = ["10.0.0.0/8"] }
                """, NOTHING);

        assertEquals("0.0.0.0", config.tcp().host());
    }

    @Test
    void everythingWrongIsToldAtOnce() throws IOException {
        var problems = problems("""
                tcp.port = -1
                http.prot = 1
                registration.secret = short
                storage.lanes = many
                """, Map.of("PGANALYTICS_LOG_LEVEL", "loud"));

        var keys = problems.stream().map(Problem::key).sorted().toList();
        assertEquals(List.of("http.prot", "log.level", "registration.secret", "storage.lanes", "tcp.port"), keys);
    }

    @Test
    void theEnvironmentIsOverTheFile() throws IOException {
        var environment = Map.of("PGANALYTICS_TCP_PORT", "2", "PGANALYTICS_STORAGE_DIGEST_RING", "64");

        var config = load("tcp.port = 1\nhttp.port = 3", environment);

        assertEquals(2, config.tcp().port());
        assertEquals(3, config.http().port());
        assertEquals(64, config.storage().digestRing());
    }

    @Test
    void aWrongVariableIsToldByItsName() throws IOException {
        var problems = problems("tcp.port = 1", Map.of("PGANALYTICS_TCP_PORT", "none"));

        assertEquals(
                "environment variable PGANALYTICS_TCP_PORT: tcp.port: found \"none\"; allowed is a whole number",
                problems.get(0).toString());
    }

    @Test
    void theRingOfDigestsFollowsTheWindow() throws IOException {
        var problems = problems("tcp.window = 17", NOTHING);

        assertEquals(1, problems.size(), problems::toString);
        var said = problems.get(0).toString();
        assertTrue(
                said.contains("tcp.window: found 17; allowed is at most half of storage.digest-ring (32): 16"), said);
        assertEquals(
                17,
                load("tcp.window = 17, storage.digest-ring = 34", NOTHING).tcp().window());
    }

    @Test
    void aPushOfFullSizeFitsIntoWhatMayBeInFlight() throws IOException {
        var large = problems("http.body-bytes-max = 193MiB", NOTHING);
        assertEquals(1, large.size(), large::toString);
        var said = large.get(0).toString();
        assertTrue(
                said.contains("http.body-bytes-max: found \"193MiB\"; allowed is at most"
                        + " ingest.in-flight-bytes-max (268435456) less ingest.uncompressed-bytes-max"
                        + " (67108864): 201326592"),
                said);
        var small = problems("ingest { in-flight-bytes-max = 95MiB, uncompressed-bytes-max = 32MiB }", NOTHING);
        assertEquals(1, small.size(), small::toString);
        var other = small.get(0).toString();
        assertTrue(
                other.contains("ingest.in-flight-bytes-max: found \"95MiB\"; allowed is at least"
                        + " http.body-bytes-max (67108864) and ingest.uncompressed-bytes-max (33554432)"
                        + " together: 100663296"),
                other);
        assertEquals(
                192 << 20, load("http.body-bytes-max = 192MiB", NOTHING).http().bodyBytesMax());
        assertEquals(
                96 << 20,
                load("ingest { in-flight-bytes-max = 96MiB, uncompressed-bytes-max = 32MiB }", NOTHING)
                        .ingest()
                        .inFlightBytesMax());
    }

    private Path secretFile(String content) throws IOException {
        return Files.writeString(folder.resolve("secret"), content);
    }

    private List<Problem> problems(String hocon, Map<String, String> environment) throws IOException {
        var file = write(hocon);
        return assertThrows(ConfigException.class, () -> ServerConfigFile.load(file, environment))
                .problems();
    }

    private ServerConfig load(String hocon, Map<String, String> environment) throws IOException {
        return ServerConfigFile.load(write(hocon), environment);
    }

    private Path write(String hocon) throws IOException {
        return Files.writeString(folder.resolve("server.conf"), hocon);
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.tls.NewAuthority;
import org.pganalytics.tls.TestCertificate;
import org.pganalytics.tls.TestClients;

/** What is wrong with a file of a certificate or key is told by both commands: where it was named, what, and what to do. */
class WrongCertificatesTest {
    /** The settings, one a line of the configuration from the first on. */
    private static final List<String> SETTINGS = List.of(
            "tls.ca.certificate",
            "tls.ca.key",
            "tcp.tls.certificate",
            "tcp.tls.key",
            "tcp.tls.client-authorities",
            "http.tls.certificate",
            "http.tls.key",
            "management.tls.certificate",
            "management.tls.key");

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path config;

    private interface Harm {
        void doTo(Path file) throws Exception;
    }

    @BeforeEach
    void allIsGood() throws Exception {
        NewAuthority.write(
                file("tls.ca.certificate"), file("tls.ca.key"), "ours", Duration.ofDays(1), Clock.systemUTC());
        TestClients.make("operators").write(file("tcp.tls.client-authorities"));
        for (var listener : List.of("tcp", "http", "management")) {
            put(TestCertificate.make(folder, "EC", "-1d"), listener + ".tls");
        }
        configure("");
    }

    private Path file(String setting) {
        return folder.resolve(setting + ".pem");
    }

    private void put(TestCertificate pair, String section) throws Exception {
        Files.writeString(file(section + ".certificate"), Files.readString(pair.certificate()));
        Files.writeString(file(section + ".key"), Files.readString(pair.key()));
    }

    private void configure(String more) throws Exception {
        var lines = new StringBuilder();
        SETTINGS.forEach(setting ->
                lines.append(setting).append(" = \"").append(file(setting)).append("\"\n"));
        lines.append("tcp.tls { mode = on, client-auth = optional }\nhttp.tls.mode = on\nmanagement.tls.mode = on\n");
        // Where the files were not looked at, a server would start.
        lines.append("data.dir = \"%s\"\ntcp.port = 0\nhttp.port = 0\nmanagement.port = 0\n"
                .formatted(folder.resolve("data")));
        config = Files.writeString(folder.resolve("server.conf"), lines + more);
    }

    private static Stream<Arguments> harms() {
        return Stream.of(
                harm("tls.ca.key", "is open to others ([OTHERS_READ])", "chmod 600 ", WrongCertificatesTest::open),
                harm(
                        "tls.ca.key",
                        "is not the key of tls.ca.certificate = ",
                        "the key that",
                        WrongCertificatesTest::other),
                harm("tls.ca.key", "cannot be read", "a file that can be read", Files::delete),
                harm("tls.ca.key", "holds no unencrypted PKCS #8 key", "openssl pkcs8", WrongCertificatesTest::garbage),
                harm("tls.ca.key", "holds a damaged key", "openssl pkcs8", WrongCertificatesTest::damage),
                harm("tls.ca.certificate", "expired at ", "put its successor there", WrongCertificatesTest::expire),
                harm("tls.ca.certificate", "is no authority's", "tls ca create", WrongCertificatesTest::ofAServer),
                harm(
                        "tls.ca.certificate",
                        "holds no PEM certificate",
                        "BEGIN CERTIFICATE",
                        WrongCertificatesTest::garbage),
                harm("tls.ca.certificate", "is a folder", "a PEM file", WrongCertificatesTest::folder),
                harm("tcp.tls.certificate", "expired at ", "put its successor there", WrongCertificatesTest::old),
                harm("tcp.tls.certificate", "holds no PEM certificate", "BEGIN", WrongCertificatesTest::garbage),
                harm("tcp.tls.key", "is not the key of tcp.tls.certificate", "the key", WrongCertificatesTest::other),
                harm("tcp.tls.client-authorities", "holds no PEM", "BEGIN", WrongCertificatesTest::garbage),
                harm("http.tls.key", "holds a damaged key", "openssl pkcs8", WrongCertificatesTest::damage),
                harm("management.tls.key", "is larger than", "a PEM file", WrongCertificatesTest::fill));
    }

    private static Arguments harm(String setting, String found, String allowed, Harm harm) {
        return Arguments.of(setting, found, allowed, harm);
    }

    private static void open(Path file) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void garbage(Path file) throws Exception {
        Files.writeString(file, "garbage");
    }

    private static void damage(Path file) throws Exception {
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n");
    }

    private static void other(Path file) throws Exception {
        Files.writeString(
                file,
                Files.readString(
                        TestCertificate.make(file.getParent(), "EC", "-2d").key()));
    }

    private static void old(Path file) throws Exception {
        Files.writeString(
                file,
                Files.readString(
                        TestCertificate.make(file.getParent(), "EC", "-10d").certificate()));
    }

    private static void ofAServer(Path file) throws Exception {
        Files.writeString(
                file,
                Files.readString(
                        TestCertificate.make(file.getParent(), "EC", "-1d").certificate()));
    }

    private static void expire(Path file) throws Exception {
        var then = Clock.fixed(Instant.now().minus(Duration.ofDays(2)), ZoneOffset.UTC);
        var other = file.resolveSibling("old");
        NewAuthority.write(other, file.resolveSibling("old.key"), "old", Duration.ofDays(1), then);
        Files.writeString(file, Files.readString(other));
    }

    private static void folder(Path file) throws Exception {
        Files.delete(file);
        Files.createDirectory(file);
    }

    private static void fill(Path file) throws Exception {
        Files.write(file, new byte[2 << 20]);
    }

    @Test
    void goodOnesPass() {
        assertEquals(0, run("config", "check"), out::toString);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("harms")
    void theCheckTellsIt(String setting, String found, String allowed, Harm harm) throws Exception {
        harm.doTo(file(setting));

        assertEquals(1, run("config", "check"), out::toString);

        var lines = out.toString().lines().toList();
        assertEquals("1 problem", lines.get(1));
        assertTells(lines.get(0), setting, found, allowed);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("harms")
    void aServerDoesNotStartAndTellsIt(String setting, String found, String allowed, Harm harm) throws Exception {
        harm.doTo(file(setting));

        assertEquals(1, run("serve"), err::toString);

        var lines = err.toString().lines().toList();
        assertEquals(1, lines.size(), err::toString);
        assertTrue(lines.get(0).startsWith("pganalytics: "), err::toString);
        assertTells(lines.get(0).substring("pganalytics: ".length()), setting, found, allowed);
        assertFalse(Files.exists(folder.resolve("data")), "something was started");
    }

    private void assertTells(String line, String setting, String found, String allowed) {
        var where =
                "%s:%d: %s: found %s, which ".formatted(config, SETTINGS.indexOf(setting) + 1, setting, file(setting));
        assertTrue(line.startsWith(where), line);
        int rest = line.indexOf("; allowed is ");
        assertTrue(line.substring(where.length(), rest).contains(found), line);
        assertTrue(line.substring(rest).contains(allowed), line);
    }

    @Test
    void allThatIsWrongIsToldAtOnce() throws Exception {
        configure("storage.lanes = 0\n");
        open(file("tls.ca.key"));
        expire(file("tls.ca.certificate"));
        garbage(file("tcp.tls.client-authorities"));
        other(file("http.tls.key"));
        garbage(file("management.tls.certificate"));
        damage(file("management.tls.key"));

        assertEquals(1, run("config", "check"));

        var lines = out.toString().lines().toList();
        assertEquals("7 problems", lines.get(7), out::toString);
        for (var setting : List.of(
                "storage.lanes",
                "tls.ca.key",
                "tls.ca.certificate",
                "tcp.tls.client-authorities",
                "http.tls.key",
                "management.tls.certificate",
                "management.tls.key")) {
            assertEquals(
                    1,
                    lines.stream()
                            .filter(line -> line.contains(": " + setting + ": found "))
                            .count(),
                    out::toString);
        }
    }

    @Test
    void whatIsNotUsedIsNotRead() throws Exception {
        configure("http.tls.mode = off\ntcp.tls.client-auth = none\n");
        garbage(file("http.tls.key"));
        garbage(file("tcp.tls.client-authorities"));

        assertEquals(0, run("config", "check"), out::toString);
    }

    private int run(String... command) {
        var arguments = Stream.concat(Stream.of(command), Stream.of("-c", config.toString()));
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }
}

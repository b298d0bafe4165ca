package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with an authority's files is said with the file's name; one in use stays in use. */
class AuthorityFilesTest {
    private static final int HUGE = 2 << 20;

    @TempDir
    Path folder;

    private Path certificate;
    private Path key;

    private interface Harm {
        void doTo(Path certificate, Path key) throws Exception;
    }

    @BeforeEach
    void make() throws Exception {
        certificate = folder.resolve("ca.crt");
        key = folder.resolve("ca.key");
        NewAuthority.write(certificate, key, "ours", Duration.ofDays(1), Clock.systemUTC());
    }

    private Authority load(Clock clock) {
        return Authority.load(new AuthorityConfig(certificate, key, Duration.ofDays(30)), clock);
    }

    private static Arguments harm(String name, Harm harm, String said) {
        return Arguments.of(name, harm, said);
    }

    private static Stream<Arguments> harms() {
        return Stream.of(
                harm("no certificate", (crt, key) -> Files.delete(crt), "tls.ca.certificate = "),
                harm("no key", (crt, key) -> Files.delete(key), "tls.ca.key = "),
                harm("an empty certificate", (crt, key) -> Files.writeString(crt, ""), "tls.ca.certificate = "),
                harm("an empty key", (crt, key) -> Files.writeString(key, ""), "tls.ca.key = "),
                harm("garbage for a certificate", (crt, key) -> Files.writeString(crt, "x"), "tls.ca.certificate = "),
                harm("garbage for a key", (crt, key) -> Files.writeString(key, "x"), "tls.ca.key = "),
                harm("a huge certificate", (crt, key) -> Files.write(crt, new byte[HUGE]), "is larger than"),
                harm("a huge key", (crt, key) -> Files.write(key, new byte[HUGE]), "is larger than"),
                harm("both the other way round", AuthorityFilesTest::swap, "tls.ca.certificate = "),
                harm("a folder", AuthorityFilesTest::folder, "tls.ca.certificate = "),
                harm("half a certificate", AuthorityFilesTest::cut, "tls.ca.certificate = "),
                harm("no authority's", AuthorityFilesTest::ofAServer, "is no authority's"),
                harm("another one's key", AuthorityFilesTest::anothers, "is not the key of tls.ca.certificate"),
                harm("a key that all may read", AuthorityFilesTest::open, "is open to others"));
    }

    private static void swap(Path certificate, Path key) throws Exception {
        var text = Files.readString(certificate);
        Files.writeString(certificate, Files.readString(key));
        Files.writeString(key, text);
    }

    private static void folder(Path certificate, Path key) throws Exception {
        Files.delete(certificate);
        Files.createDirectory(certificate);
    }

    private static void cut(Path certificate, Path key) throws Exception {
        var text = Files.readString(certificate);
        Files.writeString(certificate, text.substring(0, text.length() / 2));
    }

    private static void ofAServer(Path certificate, Path key) throws Exception {
        var servers = TestCertificate.make(certificate.getParent(), "EC", "-1d");
        Files.writeString(certificate, Files.readString(servers.certificate()));
        Files.writeString(key, Files.readString(servers.key()));
    }

    private static void anothers(Path certificate, Path key) throws Exception {
        TestClients.make("another").keep(certificate, key.resolveSibling("another.key"));
    }

    private static void open(Path certificate, Path key) throws Exception {
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harms")
    void aBadFileIsRefusedByItsName(String name, Harm harm, String said) throws Exception {
        harm.doTo(certificate, key);
        var refusal = assertThrows(IllegalArgumentException.class, () -> load(Clock.systemUTC()));
        assertTrue(refusal.getMessage().contains(said), refusal::getMessage);
        assertTrue(refusal.getMessage().contains(folder.toString()), refusal::getMessage);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harms")
    void theOneInUseStaysWhenItsFilesGoBad(String name, Harm harm, String said) throws Exception {
        var authority = load(Clock.systemUTC());
        var before = authority.inUse();
        harm.doTo(certificate, key);
        assertThrows(IllegalArgumentException.class, authority::read);
        assertEquals(before, authority.inUse());
    }

    @Test
    void oneThatIsOverIsRefused() {
        var later = Clock.fixed(Instant.now().plus(Duration.ofDays(2)), ZoneOffset.UTC);
        var refusal = assertThrows(IllegalArgumentException.class, () -> load(later));
        assertTrue(refusal.getMessage().contains(" expired at "), refusal::getMessage);
    }
}

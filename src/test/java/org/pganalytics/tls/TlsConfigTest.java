package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsConfigTest {
    private static final Duration TIME = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,true",
        "127.8.9.10,true",
        "localhost,true",
        "::1,true",
        "0.0.0.0,false",
        "10.0.0.1,false",
        "::,false",
        "127.0.0.1.example.org,false",
        "db,false"
    })
    void aPlainListenerMustBeOnLoopback(String host, boolean fine) {
        var problem = TlsConfig.off().problemWith("tcp", host);
        assertEquals(fine, problem.isEmpty());
        problem.ifPresent(text -> assertTrue(
                text.contains("would listen unencrypted beyond this machine; for any other set tcp.tls.mode = on"),
                text));
    }

    @Test
    void withTlsOrWithBalancersAListenerMayBeAnywhere() {
        var on = new TlsConfig(
                TlsConfig.Mode.ON,
                folder,
                folder,
                List.of("TLSv1.3"),
                List.of(),
                TIME,
                TlsConfig.ClientAuth.NONE,
                null);
        var upstream = upstream("10.1.0.0/16");
        assertTrue(on.problemWith("tcp", "0.0.0.0").isEmpty());
        assertTrue(upstream.problemWith("tcp", "0.0.0.0").isEmpty());
    }

    private static TlsConfig upstream(String... addresses) {
        return new TlsConfig(
                TlsConfig.Mode.TERMINATED_UPSTREAM,
                null,
                null,
                List.of("TLSv1.3"),
                List.of(addresses),
                TIME,
                TlsConfig.ClientAuth.NONE,
                null);
    }

    @Test
    void behindBalancersNobodyElseMayConnect() {
        var security = ListenerSecurity.load(upstream("10.1.0.0/16", "fd00::/8", "192.0.2.7"), Clock.systemUTC());
        assertTrue(security.admits("10.1.200.3"));
        assertTrue(security.admits("fd12::1"));
        assertTrue(security.admits("192.0.2.7"));
        assertFalse(security.admits("10.2.0.1"));
        assertFalse(security.admits("192.0.2.8"));
        assertFalse(security.admits("127.0.0.1"));
        assertFalse(security.admits("nonsense"));
        assertTrue(ListenerSecurity.load(TlsConfig.off(), Clock.systemUTC()).admits("192.0.2.8"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0", "all", "", "10.0.0.0/-1", "::/129", "10.0.0.0/"})
    void anAddressThatIsNoneIsRefusedByName(String address) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> upstream(address));
        assertTrue(refusal.getMessage().startsWith("tls.upstream-addresses: '" + address + "'"), refusal.getMessage());
    }

    @Test
    void anIncompleteConfigurationIsRefused() {
        assertThrows(IllegalArgumentException.class, TlsConfigTest::upstream);
        assertThrows(
                IllegalArgumentException.class,
                () -> new TlsConfig(
                        TlsConfig.Mode.ON,
                        null,
                        null,
                        List.of("TLSv1.3"),
                        List.of(),
                        TIME,
                        TlsConfig.ClientAuth.NONE,
                        null));
        assertThrows(
                IllegalArgumentException.class,
                () -> new TlsConfig(
                        TlsConfig.Mode.OFF,
                        null,
                        null,
                        List.of("SSLv3"),
                        List.of(),
                        TIME,
                        TlsConfig.ClientAuth.NONE,
                        null));
        assertThrows(IllegalArgumentException.class, () -> TlsConfig.Mode.ofDeclaredName("maybe"));
        assertEquals(TlsConfig.Mode.TERMINATED_UPSTREAM, TlsConfig.Mode.ofDeclaredName("terminated-upstream"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void aCertificateAndItsKeyAreTaken(String algorithm) throws Exception {
        var made = TestCertificate.make(folder, algorithm, "-1d");
        var loaded = Certificates.load("tcp", made.config("TLSv1.3"), Clock.systemUTC());
        assertTrue(loaded.expiresAt().isAfter(Clock.systemUTC().instant()));
        assertFalse(loaded.toString().contains("PRIVATE"));
    }

    @Test
    void whatDoesNotFitIsRefusedByName() throws Exception {
        var one = TestCertificate.make(folder, "EC", "-1d");
        var other = TestCertificate.make(folder, "EC", "-2d");
        var expired = TestCertificate.make(folder, "EC", "-10d");
        var text = Files.writeString(folder.resolve("text"), "hello");
        assertRefused("is not the key of", new TestCertificate(one.certificate(), other.key()));
        assertRefused("expired at", expired);
        assertRefused("does not exist", new TestCertificate(folder.resolve("nowhere"), one.key()));
        assertRefused("holds no PEM certificate", new TestCertificate(text, one.key()));
        assertRefused("holds no unencrypted PKCS #8 key", new TestCertificate(one.certificate(), text));
    }

    private static void assertRefused(String why, TestCertificate files) {
        var config = files.config("TLSv1.3");
        var refusal =
                assertThrows(IllegalArgumentException.class, () -> Certificates.load("tcp", config, Clock.systemUTC()));
        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    }
}

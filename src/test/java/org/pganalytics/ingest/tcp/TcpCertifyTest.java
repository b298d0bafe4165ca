package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.eventually;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.AuthorityConfig;
import org.pganalytics.tls.CertificateRequests;
import org.pganalytics.tls.NewAuthority;
import org.pganalytics.tls.Pem;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

/** Certificates for those who have no other door than TCP. */
class TcpCertifyTest {
    private static final Duration LIFETIME = Duration.ofDays(3);

    private final UUID collector = UUID.randomUUID();

    @TempDir
    Path folder;

    private Authority authority;

    @BeforeEach
    void makeAuthority() throws Exception {
        var certificate = folder.resolve("ca.crt");
        var key = folder.resolve("ca.key");
        NewAuthority.write(certificate, key, "ours", Duration.ofDays(10), Clock.systemUTC());
        authority = Authority.load(new AuthorityConfig(certificate, key, LIFETIME), Clock.systemUTC());
    }

    private static NativeClient connect(TcpFixture tcp) throws Exception {
        var client = tcp.connect();
        client.write(Preface.ours().encode());
        return client;
    }

    private static String request() {
        return CertificateRequests.request(CertificateRequests.newKey(), "whoever");
    }

    private Frame.Certify asking(String request) {
        return new Frame.Certify(FakeDoorkeeper.token(collector), "refresh-0", request);
    }

    private Frame.GoAway refused(TcpFixture tcp, Frame asked) throws Exception {
        var client = connect(tcp);
        client.write(asked);
        var away = client.expect(Frame.GoAway.class);
        client.expectClosed();
        return away;
    }

    @Test
    void aCertificateIsMadeForTheKeyAndTheConnectionGoesOn() throws Exception {
        try (var tcp = TcpFixture.certifying(authority)) {
            var told = new CopyOnWriteArrayList<Event.CollectorCertified>();
            tcp.house.bus.on(Event.CollectorCertified.class, told::add);
            var keys = CertificateRequests.newKey();
            var client = connect(tcp);
            client.write(asking(CertificateRequests.request(keys, "whoever")));
            var given = client.expect(Frame.Certified.class);
            var made = Pem.certificates(given.certificate().getBytes(StandardCharsets.US_ASCII));
            assertEquals(keys.getPublic(), made.get(0).getPublicKey());
            made.get(0).verify(made.get(1).getPublicKey());
            long spent = LIFETIME.toMillis() - given.lifetimeMillis();
            assertTrue(spent >= 0 && spent < 30_000, () -> spent + " ms of the life are over");
            eventually("told", () -> told.size() == 1);
            assertEquals(collector, told.get(0).collector());
            assertEquals("127.0.0.1", told.get(0).address());
            client.hello(collector, UUID.randomUUID());
            client.expect(Frame.Welcome.class);
        }
    }

    @Test
    void aTokenWithoutItsRefreshSecretGetsNone() throws Exception {
        try (var tcp = TcpFixture.certifying(authority)) {
            var away = refused(tcp, new Frame.Certify(FakeDoorkeeper.token(collector), "stolen", request()));
            assertEquals(Fault.UNAUTHENTICATED, away.fault());
            assertTrue(away.detail().contains("refresh secret"), away::detail);
            away = refused(tcp, new Frame.Certify("guessed", "refresh-0", request()));
            assertEquals(Fault.UNAUTHENTICATED, away.fault());
            eventually(
                    "both are counted",
                    () -> tcp.house.events.equals(List.of(
                            new Event.StrangerRefused("127.0.0.1", Fault.UNAUTHENTICATED),
                            new Event.StrangerRefused("127.0.0.1", Fault.UNAUTHENTICATED))));
        }
    }

    @Test
    void whoWasRevokedGetsNone() throws Exception {
        try (var tcp = TcpFixture.certifying(authority)) {
            tcp.house.doorkeeper.revoked.put(collector, true);
            assertEquals(Fault.REVOKED, refused(tcp, asking(request())).fault());
        }
    }

    @Test
    void theNextOneIsNotGivenAtOnceAlsoOverAnotherConnection() throws Exception {
        try (var tcp = TcpFixture.certifying(authority)) {
            var client = connect(tcp);
            client.write(asking(request()));
            client.expect(Frame.Certified.class);
            var away = refused(tcp, asking(request()));
            assertEquals(Fault.RATE_LIMITED, away.fault());
            assertTrue(away.retryAfterMillis() > 5_000 && away.retryAfterMillis() <= 10_000, away::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"})
    void anOddRequestIsRefusedAndTheNextOneTaken(String odd) throws Exception {
        try (var tcp = TcpFixture.certifying(authority)) {
            assertEquals(Fault.BAD_REQUEST, refused(tcp, asking(odd)).fault());
            assertEquals(
                    Fault.BAD_REQUEST, refused(tcp, asking("A".repeat(32_768))).fault());
            var client = connect(tcp);
            client.write(asking(request()));
            client.expect(Frame.Certified.class);
        }
    }

    @Test
    void aServerWithoutAnAuthoritySaysSo() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var away = refused(tcp, asking(request()));
            assertEquals(Fault.NOT_FOUND, away.fault());
            assertTrue(away.detail().contains("tls.ca.certificate"), away::detail);
        }
    }

    @Test
    void withinASessionItIsTooLate() throws Exception {
        try (var tcp = TcpFixture.certifying(authority)) {
            var client = tcp.session(collector);
            client.write(asking(request()));
            assertEquals(Fault.BAD_FRAME, client.expect(Frame.GoAway.class).fault());
        }
    }
}

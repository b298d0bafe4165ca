package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.tls.TestClients.Wish;

/** Which certificate is whose. */
class ClientCertificatesTest {
    private static final UUID COLLECTOR = UUID.randomUUID();
    private static final String ID = "urn:pganalytics:collector:" + COLLECTOR;
    private static final String NAME = "db, main";

    private static TestClients authority;
    private static TestClients sameName;

    @BeforeAll
    static void make() throws Exception {
        authority = TestClients.make("authority");
        sameName = TestClients.make("authority");
    }

    private static void show(TestClients by, Wish wish) throws Exception {
        var shown = by.certify(wish);
        var trusting = new ClientCertificates(List.of(authority.certificate()), Clock.systemUTC());
        trusting.requireOf(COLLECTOR, NAME, List.of(shown.certificate()));
        trusting.requireOf(COLLECTOR, NAME, List.of(shown.certificate(), shown.issuer()));
    }

    private static void assertRefused(String why, TestClients by, Wish wish) {
        var refusal = assertThrows(FaultException.class, () -> show(by, wish));
        assertEquals(Fault.CERTIFICATE_REFUSED, refusal.fault());
        assertTrue(refusal.detail().contains(why), refusal.detail());
    }

    @Test
    void itsIdItsNameAndItsDnsNameAreTaken() throws Exception {
        show(authority, Wish.of(ID));
        show(authority, Wish.of(ID).named("CN=somebody", null));
        show(authority, Wish.of(null).named("CN=db\\, main,O=us", null));
        show(authority, Wish.of(null).named("O=us", NAME));
        show(authority, Wish.of(ID).purpose(null));
        show(authority, Wish.of(ID).purpose(KeyPurposeId.anyExtendedKeyUsage));
    }

    @Test
    void whatIsNotItsOwnIsRefusedWithAReason() {
        var other = "urn:pganalytics:collector:" + UUID.randomUUID();
        assertRefused("another collector's", authority, Wish.of(other));
        assertRefused("another collector's", authority, Wish.of(other).named("CN=db\\, main", null));
        assertRefused("another collector's", authority, Wish.of(null).named("CN=db", "main"));
        assertRefused("another collector's", authority, Wish.of(null).named("O=db\\, main", null));
        assertRefused("another collector's", authority, Wish.of("urn:uuid:" + COLLECTOR));
        assertRefused("no authority that is trusted", sameName, Wish.of(ID));
        var over = Wish.of(ID).between(Duration.ofHours(-2), Duration.ofSeconds(-2));
        assertRefused("holds from", authority, over);
        assertRefused("holds from", authority, Wish.of(ID).between(Duration.ofMinutes(5), Duration.ofHours(2)));
        assertRefused("not one for clients", authority, Wish.of(ID).purpose(KeyPurposeId.id_kp_serverAuth));
    }

    @Test
    void aCertificateThatWasGoodIsRefusedOnceItIsOver() throws Exception {
        var shown = authority.certify(Wish.of(ID).between(Duration.ofMinutes(-5), Duration.ofSeconds(2)));
        var trusting = new ClientCertificates(List.of(authority.certificate()), Clock.systemUTC());
        trusting.requireOf(COLLECTOR, NAME, List.of(shown.certificate()));
        var later = new ClientCertificates(
                List.of(authority.certificate()), Clock.offset(Clock.systemUTC(), Duration.ofSeconds(3)));
        assertThrows(FaultException.class, () -> later.requireOf(COLLECTOR, NAME, List.of(shown.certificate())));
        Thread.sleep(2_100);
        assertThrows(FaultException.class, () -> trusting.requireOf(COLLECTOR, NAME, List.of(shown.certificate())));
    }

    private static Clock at(AtomicReference<Instant> now) {
        InstantSource source = now::get;
        return source.withZone(ZoneOffset.UTC);
    }

    /** The authority ends in nine days, what it certified later. */
    @Test
    void aCertificateOfAnAuthorityThatIsOverIsRefusedEvenIfItWasGood() throws Exception {
        var shown = List.of(authority
                .certify(Wish.of(ID).between(Duration.ofMinutes(-5), Duration.ofDays(20)))
                .certificate());
        var now = new AtomicReference<>(Instant.now());
        var clock = at(now);
        var trusting = new ClientCertificates(List.of(authority.certificate()), clock);
        trusting.requireOf(COLLECTOR, NAME, shown);
        now.set(Instant.now().plus(Duration.ofDays(10)));
        var fresh = new ClientCertificates(List.of(authority.certificate()), clock);
        for (var each : List.of(trusting, fresh)) {
            var refusal = assertThrows(FaultException.class, () -> each.requireOf(COLLECTOR, NAME, shown));
            assertTrue(refusal.detail().contains("by no authority"), refusal.detail());
        }
    }

    @Test
    void withoutAuthoritiesNothingIsTrusted() throws Exception {
        var shown = authority.certify(Wish.of(ID));
        var nobody = new ClientCertificates(List.of(), Clock.systemUTC());
        assertThrows(FaultException.class, () -> nobody.requireOf(COLLECTOR, NAME, List.of(shown.certificate())));
    }
}

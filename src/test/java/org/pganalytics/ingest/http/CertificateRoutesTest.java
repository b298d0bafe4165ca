package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.AuthorityConfig;
import org.pganalytics.tls.CertificateRequests;
import org.pganalytics.tls.NewAuthority;
import org.pganalytics.tls.Pem;

/** A certificate is for whom the token names, and for the key that the request proves; all else is refused. */
class CertificateRoutesTest {
    private static final Duration LIFETIME = Duration.ofDays(30);

    private final UUID collector = UUID.randomUUID();

    @TempDir
    static Path folder;

    private static HttpFixture http;

    @BeforeAll
    static void open() throws Exception {
        var certificate = folder.resolve("ca.crt");
        var key = folder.resolve("ca.key");
        NewAuthority.write(certificate, key, "ours", Duration.ofDays(10), Clock.systemUTC());
        var authority = Authority.load(new AuthorityConfig(certificate, key, LIFETIME), Clock.systemUTC());
        http = HttpFixture.certifying(Optional.of(authority));
    }

    @AfterAll
    static void close() throws Exception {
        http.close();
    }

    private HttpFixture.Answer ask(String body) throws Exception {
        return await(
                http.posting("/api/v1/collectors/certificate", FakeDoorkeeper.token(collector), Buffer.buffer(body)));
    }

    private static String body(String request) {
        return new JsonObject()
                .put("request", request)
                .put("refresh_secret", "refresh-0")
                .encode();
    }

    @Test
    void aCertificateIsMadeForTheKeyThatTheRequestProves() throws Exception {
        var events = new CopyOnWriteArrayList<Event.CollectorCertified>();
        http.house.bus.on(Event.CollectorCertified.class, events::add);
        var keys = CertificateRequests.newKey();
        var answer = ask(body(CertificateRequests.request(keys, "whoever")));
        assertEquals(200, answer.status(), answer.body()::encode);
        var pem = answer.body().getString("certificate").getBytes(StandardCharsets.US_ASCII);
        var made = Pem.certificates(pem);
        assertEquals(2, made.size(), "with the authority's");
        assertEquals(keys.getPublic(), made.get(0).getPublicKey());
        made.get(0).verify(made.get(1).getPublicKey());
        var left = Duration.ofSeconds(answer.body().getLong("expires_in"));
        assertTrue(left.compareTo(Duration.ofDays(9)) > 0 && left.compareTo(Duration.ofDays(10)) <= 0, "" + left);
        eventually("told", () -> !events.isEmpty());
        assertEquals(collector, events.get(0).collector());
        assertEquals(answer.body().getString("serial"), events.get(0).serial());
    }

    /** By OpenSSL, with what a collector must not get. */
    private String hostileRequest(String... extensions) throws Exception {
        var request = folder.resolve("hostile.csr");
        var command = new ArrayList<>(List.of("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt"));
        command.addAll(List.of(
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                folder.resolve("k").toString()));
        command.addAll(List.of("-subj", "/CN=admin/O=root", "-out", request.toString()));
        for (var extension : extensions) {
            command.addAll(List.of("-addext", extension));
        }
        var openssl = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, openssl.waitFor(), output);
        return Files.readString(request);
    }

    @Test
    void nothingElseOfARequestCounts() throws Exception {
        var other = "subjectAltName=URI:urn:pganalytics:collector:" + UUID.randomUUID();
        var answer = ask(body(hostileRequest("basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign", other)));
        assertEquals(200, answer.status(), answer.body()::encode);
        var pem = answer.body().getString("certificate").getBytes(StandardCharsets.US_ASCII);
        var made = Pem.certificates(pem).get(0);
        assertEquals(-1, made.getBasicConstraints());
        assertEquals(List.of("1.3.6.1.5.5.7.3.2"), made.getExtendedKeyUsage());
        assertTrue(made.getKeyUsage()[0] && !made.getKeyUsage()[5], "signs handshakes, no certificates");
        var names = made.getSubjectAlternativeNames();
        assertEquals(1, names.size());
        assertEquals(
                "urn:pganalytics:collector:" + collector,
                names.iterator().next().get(1));
        assertTrue(!made.getSubjectX500Principal().getName().contains("admin"));
    }

    private static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of("", "BAD_REQUEST", "not a JSON object"),
                Arguments.of("[]", "BAD_REQUEST", "not a JSON object"),
                Arguments.of("{\"refresh_secret\": \"refresh-0\"}", "BAD_REQUEST", "'request' is missing"),
                Arguments.of(
                        "{\"refresh_secret\": \"refresh-0\", \"request\": 7}", "BAD_REQUEST", "'request' is missing"),
                Arguments.of(body("hello"), "BAD_REQUEST", "is not PKCS #10"),
                Arguments.of(body("x".repeat(9_000)), "BAD_REQUEST", "at most 8192"),
                Arguments.of("x".repeat(100_000), "TOO_LARGE", "at most 16384"));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void whatIsNoRequestIsRefused(String body, String fault, String why) throws Exception {
        var answer = ask(body);
        assertEquals(fault, answer.fault());
        assertTrue(answer.body().getString("detail").contains(why), answer.body()::encode);
    }

    /** Who has read a push has the token that came with it. */
    @Test
    void aStolenTokenAloneGetsNone() throws Exception {
        var asked = new JsonObject().put("request", CertificateRequests.request(CertificateRequests.newKey(), "thief"));
        var refusals = new CopyOnWriteArrayList<Event.StrangerRefused>();
        http.house.bus.on(Event.StrangerRefused.class, refusals::add);
        var without = ask(asked.encode());
        assertEquals("UNAUTHENTICATED", without.fault());
        assertTrue(without.body().getString("detail").contains("a token alone gets no certificate"));
        var guessed = ask(asked.put("refresh_secret", "a guess").encode());
        assertEquals("UNAUTHENTICATED", guessed.fault());
        assertEquals(401, guessed.status());
        assertTrue(!guessed.body().encode().contains("a guess"), "the secret is said to nobody");
        eventually("told", () -> !refusals.isEmpty());
    }

    @Test
    void withoutATokenThereIsNone() throws Exception {
        var request = body(CertificateRequests.request(CertificateRequests.newKey(), "x"));
        var answer = await(http.posting("/api/v1/collectors/certificate", "no-token", Buffer.buffer(request)));
        assertEquals("UNAUTHENTICATED", answer.fault());
        http.house.doorkeeper.revoked.put(collector, true);
        assertEquals("REVOKED", ask(request).fault());
    }

    @Test
    void oneFollowsTheOtherOnlyAfterARest() throws Exception {
        var request = body(CertificateRequests.request(CertificateRequests.newKey(), "x"));
        assertEquals(200, ask(request).status());
        var refused = ask(request);
        assertEquals("RATE_LIMITED", refused.fault());
        int wait = Integer.parseInt(refused.retryAfter());
        assertTrue(wait > 5 && wait <= 11, () -> "come again after " + wait);
    }

    @Test
    void anAuthorityAtItsEndMakesNone() throws Exception {
        var certificate = folder.resolve("ending.crt");
        var key = folder.resolve("ending.key");
        NewAuthority.write(certificate, key, "ending", Duration.ofSeconds(9), Clock.systemUTC());
        var ending = Authority.load(new AuthorityConfig(certificate, key, LIFETIME), Clock.systemUTC());
        var request = CertificateRequests.request(CertificateRequests.newKey(), "x");
        var refusal = assertThrows(FaultException.class, () -> ending.certify(request, collector, "x"));
        assertEquals(Fault.CONFLICT, refusal.fault());
        assertTrue(refusal.detail().contains("at its end"), refusal.detail());
    }

    @Test
    void aServerWithoutAnAuthoritySaysSo() throws Exception {
        try (var none = HttpFixture.certifying(Optional.empty())) {
            var request = body(CertificateRequests.request(CertificateRequests.newKey(), "x"));
            var answer = await(none.posting(
                    "/api/v1/collectors/certificate", FakeDoorkeeper.token(collector), Buffer.buffer(request)));
            assertEquals("NOT_FOUND", answer.fault());
        }
    }
}

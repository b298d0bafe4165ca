package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;

/** Tokens that an old backend signed let its collectors in, under the identity they have. */
class LegacyTokenIT {
    private static final String OLD_SECRET = "the secret of the old backend";
    private static TestDatabase database;
    private static Office office;
    private final UUID collector = UUID.randomUUID();

    @BeforeAll
    static void open() {
        database = TestDatabase.create().migrated();
        office = Office.open(database, new V3TokensConfig(Optional.of(OLD_SECRET), Duration.ofDays(90)));
    }

    @AfterAll
    static void close() {
        office.close();
        database.close();
    }

    private static String signed(JsonObject header, JsonObject claims, String secret) {
        return new OldBackend(secret).signed(header, claims);
    }

    private JsonObject claims(Duration age) {
        return OldBackend.claims(collector, age);
    }

    private String token(Duration age, UnaryOperator<JsonObject> change) {
        return signed(new JsonObject().put("alg", "HS256").put("typ", "JWT"), change.apply(claims(age)), OLD_SECRET);
    }

    private String token(Duration age) {
        return token(age, claims -> claims);
    }

    private static Fault refusal(String token) {
        return Office.faultOf(office.doorkeeper.authenticate(token));
    }

    @Test
    void anOldTokenBringsItsCollectorInOnceWithAnAuditRow() {
        for (int i = 0; i < 3; i++) {
            var principal = Office.await(office.doorkeeper.authenticate(token(Duration.ofDays(80 + i))));
            assertEquals(collector, principal.collector());
        }
        assertEquals(
                List.of(List.of("db-host-1")),
                database.rows("SELECT name FROM collector WHERE collector_id = '" + collector + "'"));
        assertEquals(
                1,
                database.number("SELECT count(*) FROM audit_event WHERE action = 'collector.adopt' AND target = '"
                        + collector + "'"));
    }

    @Test
    void anOldTokenIsExchangedForOneOfOursThatIsExchangedInTurn() {
        var first = Office.await(office.doorkeeper.exchange(token(Duration.ofDays(89)), Office.ADDRESS));
        assertEquals(collector, first.collector());
        var second = Office.await(office.doorkeeper.exchange(first.token(), Office.ADDRESS));
        assertEquals(
                collector,
                Office.await(office.doorkeeper.authenticate(second.token())).collector());
    }

    @Test
    void revocationEndsOldAndNewTokensAndADeletedCollectorDoesNotComeBack() {
        var old = token(Duration.ofMinutes(1));
        var ours = Office.await(office.doorkeeper.exchange(old, Office.ADDRESS)).token();
        Office.await(office.collectors.revoke(collector, "test", ""));
        Awaitility.await().until(() -> refusal(old) == Fault.REVOKED);
        assertEquals(Fault.REVOKED, refusal(ours));
        assertEquals(Fault.REVOKED, Office.faultOf(office.doorkeeper.exchange(old, Office.ADDRESS)));

        database.execute("DELETE FROM collector WHERE collector_id = '" + collector + "'");
        office.admission.databaseChanged();
        Awaitility.await().until(() -> refusal(old) == Fault.COLLECTOR_UNKNOWN);
    }

    @Test
    void aDeletedCollectorDoesNotComeBackByAnOldTokenWhateverItWas() {
        var old = token(Duration.ofMinutes(1));
        Office.await(office.doorkeeper.authenticate(old));
        var native4 = office.register().collector();
        for (var one : List.of(collector, native4)) {
            Office.await(office.collectors.revoke(one, "test", ""));
            Office.await(office.collectors.delete(one, "test"));
        }
        try (var restarted = Office.open(database, new V3TokensConfig(Optional.of(OLD_SECRET), Duration.ofDays(90)))) {
            for (var one : List.of(collector, native4)) {
                var token = new OldBackend(OLD_SECRET).token(one, Duration.ZERO);
                var refused = Office.faultOf(restarted.doorkeeper.authenticate(token));
                assertEquals(Fault.COLLECTOR_UNKNOWN, refused);
                assertEquals(
                        Fault.COLLECTOR_UNKNOWN, Office.faultOf(restarted.doorkeeper.exchange(token, Office.ADDRESS)));
                assertEquals(0, database.number("SELECT count(*) FROM collector WHERE collector_id = '" + one + "'"));
            }
        }
    }

    @Test
    void anIdentityThatRegisteredHereCannotBeTakenByAnOldToken() {
        var own = office.register().collector();
        var taken = token(
                Duration.ZERO,
                claims -> claims.put("collector_id", own.toString()).put("sub", "collector:" + own));
        assertEquals(Fault.UNAUTHENTICATED, refusal(taken));
        assertEquals(0, database.number("SELECT count(*) FROM v3_adoption WHERE collector_id = '" + own + "'"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a user's, type, refresh",
        "of nobody, sub, collector:",
        "of another, collector_id, 11111111-2222-4333-8444-555555555555",
        "no uuid, collector_id, me",
        "no expiry, exp,",
        "not yet, nbf, 99999999999",
        "long over, exp, 1700000000"
    })
    void aTokenWithAnotherClaimIsRefused(String what, String claim, String value) {
        Object said = value != null && value.matches("\\d+") ? (Object) Long.valueOf(value) : value;
        assertEquals(Fault.UNAUTHENTICATED, refusal(token(Duration.ZERO, claims -> claims.put(claim, said))));
    }

    @Test
    void onlyTheOldSecretAndItsAlgorithmAreTaken() {
        var header = new JsonObject().put("alg", "HS256");
        var good = token(Duration.ZERO);
        assertEquals(Fault.UNAUTHENTICATED, refusal(signed(header, claims(Duration.ZERO), "another secret")));
        assertEquals(
                Fault.UNAUTHENTICATED,
                refusal(signed(new JsonObject().put("alg", "HS512"), claims(Duration.ZERO), OLD_SECRET)));
        var none = OldBackend.part(new JsonObject().put("alg", "none")) + "." + OldBackend.part(claims(Duration.ZERO))
                + ".";
        assertEquals(Fault.UNAUTHENTICATED, refusal(none));
        assertEquals(Fault.UNAUTHENTICATED, refusal(good.substring(0, good.lastIndexOf('.') + 1)));
        assertEquals(Fault.UNAUTHENTICATED, refusal(good.substring(0, good.length() - 3) + "AAA"));
        for (var garbage : List.of(
                "",
                ".",
                "..",
                "a.b.c",
                OldBackend.part(header) + "..",
                OldBackend.part(header) + ".e30.e30",
                "x".repeat(9_000))) {
            assertEquals(Fault.UNAUTHENTICATED, refusal(garbage), garbage);
        }
    }

    /** As an unregistered collector sends it: HMAC of an empty key, base64 with padding; the JDK makes no empty key. */
    @Test
    void aTokenSignedWithAnEmptyKeyIsRefused() throws GeneralSecurityException {
        var text = OldBackend.part(new JsonObject().put("alg", "HS256")) + "."
                + OldBackend.part(claims(Duration.ZERO).put("iss", "pganalytics-collector"));
        var mac = Mac.getInstance("HmacSHA256");
        // HMAC pads its key with zeros: one zero byte is the empty key.
        mac.init(new SecretKeySpec(new byte[1], "HmacSHA256"));
        var signature = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        assertEquals(
                Fault.UNAUTHENTICATED, refusal(text + "." + Base64.getEncoder().encodeToString(signature)));
        assertEquals(
                Fault.UNAUTHENTICATED,
                refusal(text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature)));
    }

    @Test
    void withoutTheOldSecretNoneOfItsTokensIsTaken() {
        try (var without = Office.open(database)) {
            assertEquals(Fault.UNAUTHENTICATED, Office.faultOf(without.doorkeeper.authenticate(token(Duration.ZERO))));
        }
    }

    @Test
    void aVersion3CollectorExchangesItsTokenAndAnotherDoesNot() {
        var v3 = Office.await(office.doorkeeper.registerV3(Office.SECRET, "h", "3.0.0", Office.ADDRESS));
        var next = Office.await(office.doorkeeper.exchange(v3.token(), Office.ADDRESS));
        assertNotEquals(v3.token(), next.token());
        assertEquals(Duration.ofHours(1), next.lifetime());
        assertTrue(Office.await(office.doorkeeper.authenticate(v3.token()))
                .tokenExpiresAt()
                .isAfter(Instant.now().plus(Duration.ofDays(90))));

        var native4 = office.register();
        assertEquals(
                Fault.UNAUTHENTICATED, Office.faultOf(office.doorkeeper.exchange(native4.token(), Office.ADDRESS)));
    }
}

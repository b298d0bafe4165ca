package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.pganalytics.admission.Office.await;
import static org.pganalytics.admission.Office.faultOf;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;

/** Tokens as an enemy would make them, signed here by hand with the server's own key where that makes them worse. */
class TokenIT {
    private static TestDatabase database;
    private static Office office;
    private static Registration made;
    private static PrivateKey privateKey;
    private static byte[] publicKey;
    private static String kid;

    @BeforeAll
    static void open() throws GeneralSecurityException {
        database = TestDatabase.create().migrated();
        office = Office.open(database);
        made = office.register();
        var row = database.rows("SELECT kid, public_key, private_key FROM signing_key")
                .get(0);
        kid = (String) row.get(0);
        publicKey = (byte[]) row.get(1);
        privateKey = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec((byte[]) row.get(2)));
    }

    @AfterAll
    static void close() {
        office.close();
        database.close();
    }

    private static JsonObject claims() {
        long now = Instant.now().getEpochSecond();
        return new JsonObject()
                .put("iss", "pganalytics")
                .put("aud", "pganalytics-collector")
                .put("sub", made.collector().toString())
                .put("gen", 1)
                .put("name", "db-one")
                .put("iat", now)
                .put("exp", now + 600);
    }

    private static String part(JsonObject json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.encode().getBytes(StandardCharsets.UTF_8));
    }

    private static String signed(JsonObject header, JsonObject claims, PrivateKey key) {
        try {
            var content = part(header) + "." + part(claims);
            var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(content.getBytes(StandardCharsets.UTF_8));
            return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonObject header() {
        return new JsonObject().put("alg", "ES256").put("typ", "JWT").put("kid", kid);
    }

    private static void refused(String token) {
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.authenticate(token)), token);
        assertEquals(Fault.UNAUTHENTICATED, faultOf(office.doorkeeper.authenticate(token)), "the second time");
    }

    @Test
    void aTokenMadeByHandAsWeMakeThemHoldsSoThatTheOthersFailForTheirOwnReason() {
        var principal = await(office.doorkeeper.authenticate(signed(header(), claims(), privateKey)));
        assertEquals(made.collector(), principal.collector());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "...", "a.b.c", "eyJhbGciOiJFUzI1NiJ9", "not a token", "\0\0\0", "🙂.🙂.🙂"})
    void garbageIsRefused(String token) {
        refused(token);
    }

    @Test
    void noTokenAndAHugeTokenAreRefused() {
        refused(null);
        refused("a".repeat(1 << 20));
        var big = signed(header(), claims().put("more", "x".repeat(5_000)), privateKey);
        refused(big);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "", "HS256", "RS256", "ES384", "es256"})
    void anotherAlgorithmIsRefusedWhateverTheSignature(String algorithm) throws GeneralSecurityException {
        var header = header().put("alg", algorithm);
        var content = part(header) + "." + part(claims());
        refused(content + ".");
        refused(signed(header, claims(), privateKey));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(publicKey, "HmacSHA256"));
        var signature = mac.doFinal(content.getBytes(StandardCharsets.UTF_8));
        refused(content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature));
    }

    @Test
    void aSignatureThatIsNotOursOrNotThereIsRefused() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        refused(signed(header(), claims(), generator.generateKeyPair().getPrivate()));
        var good = signed(header(), claims(), privateKey);
        refused(good.substring(0, good.lastIndexOf('.') + 1));
        // All zeros once passed for a signature of anything, in some JDKs.
        var zeros = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[64]);
        refused(good.substring(0, good.lastIndexOf('.') + 1) + zeros);
    }

    @Test
    void everyAlteredPartIsNoticed() {
        var parts = made.token().split("\\.");
        var other = part(claims().put("sub", UUID.randomUUID().toString()));
        refused(parts[0] + "." + other + "." + parts[2]);
        refused(made.token() + ".x");
        refused(made.token().substring(0, made.token().length() - 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "aud", "sub", "gen", "name", "exp"})
    void aTokenThatLacksAClaimOrHasItWrongIsRefused(String claim) {
        var without = claims();
        without.remove(claim);
        refused(signed(header(), without, privateKey));
        refused(signed(header(), claims().put(claim, new JsonObject()), privateKey));
        refused(signed(header(), claims().putNull(claim), privateKey));
    }

    @Test
    void anotherAudienceOrIssuerIsRefused() {
        refused(signed(header(), claims().put("aud", "pganalytics-person"), privateKey));
        refused(signed(header(), claims().put("iss", "somebody"), privateKey));
    }

    @Test
    void anotherKeyIdIsRefusedEvenIfTheSignatureIsOurs() {
        refused(signed(header().put("kid", "other"), claims(), privateKey));
        refused(signed(header().put("kid", "' OR 1=1 --"), claims(), privateKey));
        var without = header();
        without.remove("kid");
        refused(signed(without, claims(), privateKey));
    }

    @Test
    void anExpiredTokenHoldsForItsLeewayAndNoLonger() {
        long now = Instant.now().getEpochSecond();
        await(office.doorkeeper.authenticate(signed(header(), claims().put("exp", now - 30), privateKey)));
        refused(signed(header(), claims().put("exp", now - 62), privateKey));
        refused(signed(header(), claims().put("exp", 0), privateKey));
        refused(signed(header(), claims().put("exp", -1), privateKey));
    }

    @Test
    void aRememberedTokenExpiresToo() {
        long now = Instant.now().getEpochSecond();
        var token = signed(header(), claims().put("exp", now - 57), privateKey);
        await(office.doorkeeper.authenticate(token));
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> faultOf(office.doorkeeper.authenticate(token)) == Fault.UNAUTHENTICATED);
    }

    @Test
    void anotherServerOnTheSameDatabaseVerifiesWhatThisOneIssued() {
        try (var other = Office.open(database)) {
            assertEquals(
                    made.collector(),
                    await(other.doorkeeper.authenticate(made.token())).collector());
            assertEquals(1, database.number("SELECT count(*) FROM signing_key"));
        }
    }

    @Test
    void aKeyThatAppearsLaterIsFound() {
        database.execute(
                "INSERT INTO signing_key (kid, public_key, private_key) SELECT 'late', public_key, private_key FROM"
                        + " signing_key WHERE kid = '%s'".formatted(kid));
        try {
            var token = signed(header().put("kid", "late"), claims(), privateKey);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> faultOf(office.doorkeeper.authenticate(token)) == null);
        } finally {
            database.execute("DELETE FROM signing_key WHERE kid = 'late'");
        }
    }

    @Test
    void aTokenOfACollectorThatIsNotHereAsksForARegistration() {
        var token = signed(header(), claims().put("sub", UUID.randomUUID().toString()), privateKey);
        assertEquals(Fault.COLLECTOR_UNKNOWN, faultOf(office.doorkeeper.authenticate(token)));
    }

    @Test
    void aTokenOfAnotherGenerationIsRevokedBeItOlderOrNewer() {
        for (int generation : new int[] {0, 2, -1, Integer.MAX_VALUE}) {
            var token = signed(header(), claims().put("gen", generation), privateKey);
            assertEquals(Fault.REVOKED, faultOf(office.doorkeeper.authenticate(token)));
        }
    }

    @Test
    void noTokenIsIssuedTwice() {
        assertNotEquals(made.token(), office.register().token());
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWKSet;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are forged, stale, somebody else's, endless or none at all. */
class HostileOidcIT {
    private static PlayedProvider provider;
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        provider = new PlayedProvider();
        server = ApiServer.start(OidcIT.settings(provider.issuer()));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        provider.close();
    }

    @BeforeEach
    void behave() {
        provider.behave();
    }

    private static ApiClient.Answer signIn() throws Exception {
        var browser = new Browser(server.client);
        return browser.finish("corp", provider.authorize(browser.begin("corp", "/"), "mallory", "mallory", "dba"));
    }

    private static void refused(int status, String why) throws Exception {
        var answer = signIn();
        assertEquals(status, answer.status(), answer::text);
        assertTrue(answer.detail().contains(why), answer::detail);
        assertEquals(0, server.database.number("SELECT count(*) FROM person WHERE name = 'mallory'"));
        assertEquals(0, server.database.number("SELECT count(*) FROM person_session"));
        assertEquals(
                "[[oidc:corp, provider:corp, %s]]".formatted(answer.fault()),
                server.database
                        .rows("SELECT actor, target, outcome FROM audit_event WHERE action = 'person.sign-in'"
                                + " ORDER BY id DESC LIMIT 1")
                        .toString());
    }

    static Stream<Arguments> lies() {
        long now = Instant.now().getEpochSecond();
        return Stream.of(
                lie("issuer", said -> said.put("iss", "https://elsewhere.example")),
                lie("(aud)", said -> said.put("aud", "another client")),
                lie("(azp)", said -> said.put("azp", "another client")),
                lie("(exp)", said -> said.put("exp", now - 120)),
                lie("(iat)", said -> said.put("iat", now - 7_200)),
                lie("(nonce)", said -> said.put("nonce", "of another sign-in")),
                lie("(nonce)", said -> said.remove("nonce")),
                lie("(sub)", said -> said.remove("sub")));
    }

    private static Arguments lie(String why, Consumer<JsonObject> change) {
        return Arguments.of(why, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void aTokenThatIsNotForUsNowIsRefused(String why, Consumer<JsonObject> change) throws Exception {
        provider.claims = change;
        refused(401, why);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hmac(JsonObject said, byte[] secret) {
        try {
            var token = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first").build(), new Payload(said.encode()));
            token.sign(new MACSigner(secret));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] publicKey() {
        try {
            RSAPublicKey key = provider.key.toRSAPublicKey();
            return key.getEncoded();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTokenWithoutASignatureOfTheProvidersKeyIsRefused() throws Exception {
        provider.signing = said -> base64("{\"alg\":\"none\"}") + "." + base64(said.encode()) + ".";
        refused(401, "no signed token");
        provider.signing = said -> hmac(said, publicKey());
        refused(401, "a shared secret");
        provider.signing =
                said -> hmac(said, (PlayedProvider.SECRET + "0".repeat(32)).getBytes(StandardCharsets.UTF_8));
        refused(401, "a shared secret");
        provider.signing = said -> "not.a.token";
        refused(401, "no signed token");
        var honest = provider.key;
        provider.behave();
        provider.key = PlayedProvider.newKey("first");
        refused(401, "wrong signature");
        provider.key = PlayedProvider.newKey("unknown");
        refused(401, "does not publish");
        provider.key = honest;
        assertEquals(401, forgedPayload());
    }

    /** Another payload under a signature that is right. */
    private static int forgedPayload() throws Exception {
        var before = provider.signing;
        provider.signing = said -> {
            var parts = before.apply(said).split("\\.");
            return parts[0] + "." + base64(said.put("groups", "dba").put("x", 1).encode()) + "." + parts[2];
        };
        return signIn().status();
    }

    @Test
    void keysThatRotateAreFollowedAndNotAskedForOverAndOver() throws Exception {
        try (var other = new PlayedProvider();
                var house = ApiServer.start(OidcIT.settings(other.issuer()))) {
            var browser = new Browser(house.client);
            for (int expected = 1; expected <= 2; expected++) {
                var callback = other.authorize(browser.begin("corp", "/"), "r", "rotating", "staff");
                assertEquals(303, browser.finish("corp", callback).status());
                assertEquals(expected, other.keysRead.get());
                other.key = PlayedProvider.newKey("next" + expected);
                other.published = new JWKSet(other.key.toPublicJWK());
            }
            for (int i = 0; i < 5; i++) {
                var callback = other.authorize(browser.begin("corp", "/"), "r", "rotating", "staff");
                assertEquals(401, browser.finish("corp", callback).status(), "a third key within the half minute");
            }
            assertEquals(2, other.keysRead.get());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/token", "/keys", "/.well-known/openid-configuration"})
    void whatIsEndlessHangsRedirectsOrIsRubbishIsAProviderThatIsAway(String path) throws Exception {
        // A server of its own: it knows neither what the provider is nor its keys.
        try (var house = ApiServer.start(OidcIT.settings(provider.issuer()))) {
            provider.instead.put(path, request -> request.response().end(PlayedProvider.megabytes(10)));
            away(house, "more than");
            provider.instead.put(path, request -> {});
            long began = System.nanoTime();
            away(house, "does not answer");
            assertTrue(System.nanoTime() - began < Duration.ofSeconds(8).toNanos(), "it is not waited for");
            provider.instead.put(
                    path,
                    request -> request.response()
                            .setStatusCode(302)
                            .putHeader("Location", provider.issuer() + "/elsewhere")
                            .end());
            away(house, "answers 302");
            provider.instead.put(path, request -> request.response().end("<html>"));
            away(house, "");
            provider.instead.put(path, request -> request.connection().close());
            away(house, "does not answer");
            provider.behave();
            var browser = new Browser(house.client);
            var callback = provider.authorize(browser.begin("corp", "/"), "back", "back", "staff");
            assertEquals(303, browser.finish("corp", callback).status(), "all is well again");
        }
    }

    private static void away(ApiServer house, String why) throws Exception {
        var browser = new Browser(house.client);
        var begun = browser.send("beginOidc", null, "provider", "corp");
        var answer = begun.status() == 303
                ? browser.finish("corp", provider.authorize(browser.begin("corp", "/"), "a", "a", "staff"))
                : begun;
        assertEquals(503, answer.status(), answer::text);
        assertEquals("DIRECTORY_DOWN", answer.fault());
        assertTrue(answer.detail().contains(why), answer::detail);
    }

    @Test
    void aProviderThatCallsItselfOtherwiseIsNotBelieved() throws Exception {
        for (var change : Map.of(
                        "issuer", "https://elsewhere.example",
                        "token_endpoint", "http://elsewhere.example/token",
                        "jwks_uri", "file:///etc/passwd")
                .entrySet()) {
            try (var house = ApiServer.start(OidcIT.settings(provider.issuer()))) {
                var said = provider.metadata(provider.issuer()).put(change.getKey(), change.getValue());
                provider.instead.put(
                        "/.well-known/openid-configuration",
                        request -> request.response().end(said.toBuffer()));
                var answer = new Browser(house.client).send("beginOidc", null, "provider", "corp");
                assertEquals(503, answer.status(), answer::text);
            }
        }
    }

    @Test
    void theClientsSecretIsInNoAnswer() throws Exception {
        provider.instead.put(
                "/token", request -> request.response().setStatusCode(401).end("{\"error\":\"invalid_client\"}"));
        var answer = signIn();
        assertEquals(503, answer.status());
        assertTrue(answer.detail().contains("client-secret (invalid_client)"), answer::detail);
        assertTrue(!answer.text().contains(PlayedProvider.SECRET), answer::text);
    }
}

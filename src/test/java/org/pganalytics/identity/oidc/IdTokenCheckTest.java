package org.pganalytics.identity.oidc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** What an id token must say besides being signed. */
class IdTokenCheckTest {
    private static final long NOW = 1_800_000_000L;
    private static final IdTokenCheck CHECK =
            new IdTokenCheck("https://id.example", "us", Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC));

    private static JsonObject good() {
        return new JsonObject()
                .put("iss", "https://id.example")
                .put("aud", "us")
                .put("sub", "u1")
                .put("nonce", "n")
                .put("iat", NOW)
                .put("exp", NOW + 300);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}
            {"aud": ["us"]}
            {"aud": ["us", "they"], "azp": "us"}
            {"exp": 1799999941}
            {"iat": 1800000060}
            {"iat": 1799999341}
            {"nbf": 1800000060}
            {"iat": 1799999999.5}
            """)
    void whatIsRightIsTaken(String change) {
        assertEquals("u1", CHECK.subject(good().mergeIn(new JsonObject(change)), "n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"iss": "https://id.example/"}        | issuer
            {"iss": "https://ID.example"}         | issuer
            {"iss": null}                         | issuer
            {"iss": ["https://id.example"]}       | issuer
            {"aud": "they"}                       | aud
            {"aud": ["they"]}                     | aud
            {"aud": []}                           | aud
            {"aud": {"us": 1}}                    | aud
            {"aud": null}                         | aud
            {"aud": ["us", "they"]}               | azp
            {"aud": ["us", "they"], "azp": "they"}| azp
            {"azp": "they"}                       | azp
            {"azp": 7}                            | azp
            {"exp": 1799999940}                   | exp
            {"exp": null}                         | exp
            {"exp": "1800000300"}                 | exp
            {"exp": 1e300}                        | exp
            {"exp": -1}                           | exp
            {"iat": null}                         | iat
            {"iat": 1800000061}                   | iat
            {"iat": 1799999340}                   | iat
            {"nbf": 1800000061}                   | nbf
            {"nbf": "soon"}                       | nbf
            {"nonce": "m"}                        | nonce
            {"nonce": null}                       | nonce
            {"nonce": ["n"]}                      | nonce
            {"sub": null}                         | sub
            {"sub": " "}                          | sub
            {"sub": 7}                            | sub
            {"sub": "a\\u0000b"}                  | sub
            """)
    void whatIsAmissIsRefused(String change, String named) {
        var claims = good().mergeIn(new JsonObject(change));
        var refusal = assertThrows(FaultException.class, () -> CHECK.subject(claims, "n"));
        assertEquals(Fault.UNAUTHENTICATED, refusal.fault());
        assertTrue(refusal.detail().contains(named), refusal::detail);
    }

    @Test
    void aSubjectHas255BytesAtMost() {
        assertEquals(255, CHECK.subject(good().put("sub", "s".repeat(255)), "n").length());
        assertThrows(FaultException.class, () -> CHECK.subject(good().put("sub", "s".repeat(256)), "n"));
        assertThrows(FaultException.class, () -> CHECK.subject(good().put("sub", "ü".repeat(128)), "n"));
    }

    @Test
    void noClaimOfAnotherFormIsAnError() {
        assertEquals(
                "[a]",
                Claims.groups(new JsonObject("{\"g\": [\"a\", 1, null, {}]}"), "g")
                        .orElseThrow()
                        .toString());
        assertEquals(
                "[]",
                Claims.groups(new JsonObject("{\"g\": {\"a\": 1}}"), "g")
                        .orElseThrow()
                        .toString());
        assertEquals(
                "[x]",
                Claims.groups(new JsonObject("{\"r\": {\"g\": \"x\"}}"), "r.g")
                        .orElseThrow()
                        .toString());
        assertTrue(Claims.groups(new JsonObject("{\"r\": \"g\"}"), "r.g").isEmpty());
        assertTrue(Claims.name(new JsonObject("{\"n\": [\"a\"]}"), "n").isEmpty());
        assertEquals(
                "bob", Claims.name(new JsonObject("{\"n\": \" Bob \"}"), "n").orElseThrow());
    }

    @Test
    void anAddressThatNobodyHasVerifiedIsNobodys() {
        var claims = new JsonObject().put("email", "alice@example.org");
        assertTrue(Claims.name(claims, "email").isEmpty());
        assertTrue(Claims.groups(claims.put("email_verified", "true"), "email").isEmpty());
        assertEquals(
                "alice@example.org",
                Claims.name(claims.put("email_verified", true), "email").orElseThrow());
    }
}

package org.pganalytics.identity.saml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.fault.FaultException;
import org.pganalytics.identity.keycloak.FormBrowser;
import org.pganalytics.identity.keycloak.RealKeycloak;
import org.pganalytics.tls.TestCertificate;

/** Our metadata, requests and checks against a real Keycloak, which knows of us what our metadata say. */
class KeycloakSamlIT {
    private static final String REALM = "saml";
    private static final String ENTITY = "https://stats.example.org/metadata";
    private static final String CONSUMER = "http://127.0.0.1:1/consumer";

    @TempDir
    private static Path folder;

    private static RealKeycloak keycloak;
    private static ServiceProvider service;

    @BeforeAll
    static void start() throws Exception {
        keycloak = RealKeycloak.shared();
        keycloak.addRealm(REALM, "http://127.0.0.1:1/callback");
        service = new ServiceProvider(ENTITY, CONSUMER, true, keys(TestCertificate.make(folder, "RSA", "0d")));
        var client = new JsonObject(
                keycloak.admin("POST", "/%s/client-description-converter".formatted(REALM), service.metadata()));
        client.getJsonObject("attributes").put("saml.encryption.algorithm", Saml.XENC11 + "aes256-gcm");
        client.put(
                "protocolMappers",
                new JsonArray()
                        .add(mapper(
                                "saml-user-property-mapper",
                                Map.of("user.attribute", "username", "attribute.name", "uid")))
                        .add(mapper(
                                "saml-group-membership-mapper",
                                Map.of("attribute.name", "groups", "full.path", "false", "single", "true"))));
        keycloak.admin("POST", "/%s/clients".formatted(REALM), client.encode());
    }

    private static JsonObject mapper(String kind, Map<String, String> config) {
        var all = new JsonObject().put("attribute.nameformat", "Basic");
        config.forEach(all::put);
        return new JsonObject()
                .put("name", kind)
                .put("protocol", "saml")
                .put("protocolMapper", kind)
                .put("config", all);
    }

    private static SamlKeys keys(TestCertificate made) throws Exception {
        var pem = java.nio.file.Files.readString(made.key()).replaceAll("-----[A-Z ]+-----", "");
        var der = Base64.getMimeDecoder().decode(pem);
        try (var in = java.nio.file.Files.newInputStream(made.certificate())) {
            return new SamlKeys(
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der)),
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
    }

    private static IdpMetadata metadata() throws Exception {
        var page = new FormBrowser().open(keycloak.realm(REALM) + "/protocol/saml/descriptor");
        return IdpMetadata.of(page.text().getBytes(StandardCharsets.UTF_8), keycloak.realm(REALM), Instant.now());
    }

    private static String signedIn(String name, String requestId) throws Exception {
        var browser = new FormBrowser();
        var login = browser.open(service.requestUrl(metadata(), requestId, "the state", Instant.now()));
        var form = browser.signIn(login, name, RealKeycloak.PASSWORD).form().orElseThrow();
        assertEquals(CONSUMER, form.action().toString());
        assertEquals("the state", form.fields().get("RelayState"));
        return form.fields().get("SAMLResponse");
    }

    private static SamlAssertion read(String response, IdpMetadata idp, String requestId) throws Exception {
        var expected = new Expected(idp, requestId, CONSUMER, ENTITY, Instant.now(), Duration.ofSeconds(60));
        return new ResponseReader(new AssertionKey(service.keys().key())).read(response, expected);
    }

    @Test
    void whoSignsInThereIsKnownWithTheirGroupsByAnEncryptedAssertion() throws Exception {
        var response = signedIn("alice", "_first");
        var text = new String(Base64.getDecoder().decode(response), StandardCharsets.UTF_8);
        assertTrue(text.contains("EncryptedAssertion") && !text.contains("alice"), text);
        var read = read(response, metadata(), "_first");
        assertEquals(List.of("alice"), read.values("uid"));
        assertEquals(List.of("admins"), read.values("groups"));
        assertEquals(Saml.PERSISTENT, read.nameId().format());
        assertEquals(
                read.nameId(),
                read(signedIn("alice", "_again"), metadata(), "_again").nameId());
        assertEquals(
                List.of(), read(signedIn("nora", "_nora"), metadata(), "_nora").values("groups"));
    }

    @Test
    void itsAnswerToOthersOrChangedIsRefused() throws Exception {
        var response = signedIn("bob", "_bobs");
        assertThrows(FaultException.class, () -> read(response, metadata(), "_another"));
        var changed = new String(Base64.getDecoder().decode(response), StandardCharsets.UTF_8)
                .replaceFirst("CipherValue>[A-Za-z0-9+/]{4}", "CipherValue>AAAA");
        var sent = Base64.getEncoder().encodeToString(changed.getBytes(StandardCharsets.UTF_8));
        var refusal = assertThrows(Exception.class, () -> read(sent, metadata(), "_bobs"));
        boolean known = refusal instanceof UnknownKeyException || refusal instanceof FaultException;
        assertTrue(known, () -> "by a check, not by accident: " + refusal);
    }

    @Test
    void aRequestThatNobodySignedIsRefusedThere() throws Exception {
        var url = service.requestUrl(metadata(), "_forged", "the state", Instant.now());
        var page = new FormBrowser().open(url.replaceAll("&Signature=....", "&Signature=AAAA"));
        assertEquals(400, page.status());
    }

    @Test
    void itsNewKeyIsInItsMetadata() throws Exception {
        var before = metadata();
        var realm = new JsonObject(keycloak.admin("GET", "/" + REALM, null)).getString("id");
        var key = new JsonObject()
                .put("name", "newer")
                .put("providerId", "rsa-generated")
                .put("providerType", "org.keycloak.keys.KeyProvider")
                .put("parentId", realm)
                .put("config", new JsonObject().put("priority", new JsonArray().add("900")));
        keycloak.admin("POST", "/%s/components".formatted(REALM), key.encode());
        var response = signedIn("alice", "_rotated");
        assertThrows(UnknownKeyException.class, () -> read(response, before, "_rotated"));
        var after = metadata();
        assertFalse(before.keys().containsAll(after.keys()));
        assertEquals(List.of("alice"), read(response, after, "_rotated").values("uid"));
    }
}

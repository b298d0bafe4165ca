package org.pganalytics.boot;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.pganalytics.ingest.TestHouse;

/**
 * An OpenID provider that holds to the book (a code once, for the redirect address, the client's secret and the PKCE
 * verifier that it belongs to), but for what a test has it do otherwise.
 */
final class PlayedProvider implements AutoCloseable {
    static final String CLIENT = "pga client";
    static final String SECRET = "s/cret+ä:1";

    final AtomicInteger keysRead = new AtomicInteger();
    volatile RSAKey key = newKey("first");
    volatile JWKSet published = new JWKSet(key.toPublicJWK());
    /** Changes what a token says. */
    volatile Consumer<JsonObject> claims = none -> {};
    /** Signs it otherwise. */
    volatile Function<JsonObject, String> signing = this::signed;
    /** Answers at a path otherwise. */
    final Map<String, Consumer<HttpServerRequest>> instead = new ConcurrentHashMap<>();

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, JsonObject> codes = new ConcurrentHashMap<>();
    private final HttpServer server;

    PlayedProvider() throws Exception {
        server = TestHouse.await(vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> answer(request, body.toString())))
                .listen(0, "127.0.0.1"));
    }

    static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    String issuer() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    /** As it behaves at first. */
    void behave() {
        claims = none -> {};
        signing = this::signed;
        instead.clear();
    }

    private void answer(HttpServerRequest request, String body) {
        var other = instead.get(request.path());
        if (other != null) {
            other.accept(request);
            return;
        }
        switch (request.path()) {
            case "/.well-known/openid-configuration" ->
                request.response().end(metadata(issuer()).toBuffer());
            case "/keys" -> {
                keysRead.incrementAndGet();
                request.response().end(published.toString());
            }
            case "/token" -> token(request, form(body));
            default -> request.response().setStatusCode(404).end();
        }
    }

    JsonObject metadata(String issuer) {
        return new JsonObject()
                .put("issuer", issuer)
                .put("authorization_endpoint", issuer() + "/authorize")
                .put("token_endpoint", issuer() + "/token")
                .put("jwks_uri", issuer() + "/keys");
    }

    /** What a person does there: says who they are. @return where the browser is sent back to */
    URI authorize(URI page, String subject, String name, String... groups) {
        var asked = form(page.getRawQuery());
        var code = java.util.UUID.randomUUID().toString();
        codes.put(
                code,
                asked.put("sub", subject)
                        .put("preferred_username", name)
                        .put("groups", new io.vertx.core.json.JsonArray(java.util.List.of(groups))));
        return URI.create("%s?code=%s&state=%s&session_state=x"
                .formatted(asked.getString("redirect_uri"), code, asked.getString("state")));
    }

    private void token(HttpServerRequest request, JsonObject form) {
        var known = codes.remove(form.getString("code", ""));
        var secret = "Basic " + base64(encoded(CLIENT) + ":" + encoded(SECRET));
        if (!secret.equals(request.getHeader("Authorization"))) {
            refuse(request, "invalid_client");
        } else if (known == null
                || !known.getString("redirect_uri").equals(form.getString("redirect_uri"))
                || !known.getString("code_challenge").equals(challenge(form.getString("code_verifier", "")))
                || !known.getString("code_challenge_method").equals("S256")) {
            refuse(request, "invalid_grant");
        } else {
            var said = said(known);
            claims.accept(said);
            request.response()
                    .end(new JsonObject()
                            .put("access_token", "none of ours")
                            .put("token_type", "Bearer")
                            .put("id_token", signing.apply(said))
                            .toBuffer());
        }
    }

    private JsonObject said(JsonObject known) {
        long now = Instant.now().getEpochSecond();
        return new JsonObject()
                .put("iss", issuer())
                .put("aud", CLIENT)
                .put("iat", now)
                .put("exp", now + 60)
                .put("nonce", known.getString("nonce"))
                .put("sub", known.getString("sub"))
                .put("preferred_username", known.getString("preferred_username"))
                .put("groups", known.getJsonArray("groups"));
    }

    private String signed(JsonObject said) {
        try {
            var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID(key.getKeyID())
                    .build();
            var token = new JWSObject(header, new Payload(said.encode()));
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refuse(HttpServerRequest request, String error) {
        request.response()
                .setStatusCode(400)
                .end(new JsonObject().put("error", error).toBuffer());
    }

    private static JsonObject form(String text) {
        var form = new JsonObject();
        for (var field : text.split("&")) {
            var both = field.split("=", 2);
            form.put(both[0], java.net.URLDecoder.decode(both.length > 1 ? both[1] : "", StandardCharsets.UTF_8));
        }
        return form;
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String challenge(String verifier) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static Buffer megabytes(int count) {
        return Buffer.buffer(new byte[count << 20]);
    }

    @Override
    public void close() throws Exception {
        TestHouse.await(vertx.close());
    }
}

package org.pganalytics.admission;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.util.Base64;
import java.util.List;

/** One key pair with everything that signs and verifies by it; for ES256 alone, so that no token chooses its algorithm. */
record SigningKey(String kid, boolean retired, JWTAuth jwt) {
    static final String ALGORITHM = "ES256";
    static final String ISSUER = "pganalytics";
    static final String AUDIENCE = "pganalytics-collector";
    static final int LEEWAY_SECONDS = 60;

    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    /** @param publicKey X.509 @param privateKey PKCS#8, both DER */
    static SigningKey of(Vertx vertx, String kid, byte[] publicKey, byte[] privateKey, boolean retired) {
        var checks = new JWTOptions()
                .setAlgorithm(ALGORITHM)
                .setIssuer(ISSUER)
                .setAudience(List.of(AUDIENCE))
                .setLeeway(LEEWAY_SECONDS);
        var options = new JWTAuthOptions()
                .setJWTOptions(checks)
                .addPubSecKey(key(kid, "PUBLIC KEY", publicKey))
                .addPubSecKey(key(kid, "PRIVATE KEY", privateKey));
        return new SigningKey(kid, retired, JWTAuth.create(vertx, options));
    }

    String sign(JsonObject claims) {
        var options = new JWTOptions()
                .setAlgorithm(ALGORITHM)
                .setNoTimestamp(true)
                .setHeader(new JsonObject().put("kid", kid));
        return jwt.generateToken(claims, options);
    }

    private static PubSecKeyOptions key(String kid, String kind, byte[] der) {
        var pem = "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, PEM.encodeToString(der), kind);
        return new PubSecKeyOptions().setAlgorithm(ALGORITHM).setId(kid).setBuffer(pem);
    }
}

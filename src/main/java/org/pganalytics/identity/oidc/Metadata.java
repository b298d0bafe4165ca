package org.pganalytics.identity.oidc;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * What a provider says of itself.
 *
 * @param authorization where browsers go
 * @param token where codes are exchanged
 * @param keys where its keys are
 * @param userInfo where it tells more of somebody; empty without
 * @param basic whether the client's secret goes into the header, as is usual, else into the form
 * @param saysIssuer whether its answers by the browser say who it is (RFC 9207)
 */
record Metadata(
        String authorization, String token, String keys, Optional<String> userInfo, boolean basic, boolean saysIssuer) {

    /** @throws IllegalArgumentException in words that follow the provider's name */
    static Metadata of(JsonObject said, String issuer) {
        if (!issuer.equals(said.getValue("issuer"))) {
            throw new IllegalArgumentException("calls itself otherwise than the configured issuer " + issuer);
        }
        var methods = said.getValue("token_endpoint_auth_methods_supported");
        return new Metadata(
                endpoint(said, "authorization_endpoint"),
                endpoint(said, "token_endpoint"),
                endpoint(said, "jwks_uri"),
                said.getValue("userinfo_endpoint") == null
                        ? Optional.empty()
                        : Optional.of(endpoint(said, "userinfo_endpoint")),
                !(methods instanceof JsonArray known) || known.contains("client_secret_basic"),
                Boolean.TRUE.equals(said.getValue("authorization_response_iss_parameter_supported")));
    }

    private static String endpoint(JsonObject said, String name) {
        if (said.getValue(name) instanceof String url && Endpoint.isFine(url)) {
            return url;
        }
        throw new IllegalArgumentException("has no %s that is an https URL".formatted(name));
    }
}

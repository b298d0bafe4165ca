package org.pganalytics.identity.oidc;

import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.identity.federation.Ticket;
import org.pganalytics.secrets.RandomSecrets;

/** The code flow of OAuth 2.0 with PKCE (S256). */
final class AuthorizationCode {
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,64}");

    private final OidcProviderConfig config;
    private final String redirectUri;
    private final ProviderHttp http;

    /** @param redirectUri as it is registered at the provider */
    AuthorizationCode(OidcProviderConfig config, String redirectUri, ProviderHttp http) {
        this.config = config;
        this.redirectUri = redirectUri;
        this.http = http;
    }

    /** Where the browser goes. @param more beside what every code flow says */
    String address(String endpoint, Ticket ticket, Map<String, String> more) {
        var query = new LinkedHashMap<String, String>();
        query.put("response_type", "code");
        query.put("client_id", config.clientId());
        query.put("redirect_uri", redirectUri);
        query.put("scope", String.join(" ", config.scopes()));
        query.put("state", ticket.state());
        query.put("code_challenge", challenge(verifier(ticket)));
        query.put("code_challenge_method", "S256");
        query.putAll(more);
        return endpoint
                + query.entrySet().stream()
                        .map(field -> field.getKey() + "=" + ProviderHttp.encoded(field.getValue()))
                        .collect(Collectors.joining("&", "?", ""));
    }

    private static String verifier(Ticket ticket) {
        return ticket.secret("pkce");
    }

    private static String challenge(String verifier) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(RandomSecrets.hash(verifier));
    }

    /**
     * What the provider gives for the code. Fails with UNAUTHENTICATED when it takes the code for none, and DIRECTORY_DOWN.
     *
     * @param basic whether the secret goes into the header
     */
    Future<JsonObject> exchange(String endpoint, Ticket ticket, String code, boolean basic) {
        var form = new HashMap<>(Map.of(
                "grant_type",
                "authorization_code",
                "code",
                code,
                "redirect_uri",
                redirectUri,
                "code_verifier",
                verifier(ticket),
                "client_id",
                config.clientId()));
        var headers = new HashMap<String, String>();
        if (basic) {
            headers.put("Authorization", "Basic " + basic());
        } else {
            form.put("client_secret", config.clientSecret());
        }
        return http.post(endpoint, headers, form).map(this::given);
    }

    private String basic() {
        var both = ProviderHttp.encoded(config.clientId()) + ":" + ProviderHttp.encoded(config.clientSecret());
        return Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }

    /** GitHub says 200 with an error, too. */
    private JsonObject given(ProviderHttp.Got got) {
        var said = json(got);
        if (said.containsKey("error")) {
            throw refused(said.getValue("error"));
        }
        if (got.status() != 200) {
            throw http.down("answers %d for a code".formatted(got.status()), null);
        }
        return said;
    }

    /** Its description is left out: it may say anything. */
    private FaultException refused(Object error) {
        var shown = error instanceof String text && ERROR.matcher(text).matches() ? text : "an error";
        return shown.equals("invalid_client") || shown.equals("unauthorized_client")
                ? http.down("does not take this server's client-id or client-secret (%s)".formatted(shown), null)
                : Fault.UNAUTHENTICATED.because(
                        "the provider does not take the code (%s); begin again".formatted(shown));
    }

    /** Fails with DIRECTORY_DOWN. */
    JsonObject json(ProviderHttp.Got got) {
        try {
            return new JsonObject(got.body());
        } catch (DecodeException odd) {
            throw http.down("answers %d without a JSON object".formatted(got.status()), null);
        }
    }
}

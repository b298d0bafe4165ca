package org.pganalytics.identity.oidc;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a provider says of somebody: their name and their groups. Neither says who they are. */
final class Claims {
    private static final String EMAIL = "email";

    private Claims() {}

    /** Of lower case; empty without one. */
    static Optional<String> name(JsonObject claims, String claim) {
        return value(claims, claim)
                .filter(String.class::isInstance)
                .map(name -> ((String) name).strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty());
    }

    /** Empty without the claim. */
    static Optional<List<String>> groups(JsonObject claims, String claim) {
        return value(claims, claim).map(found -> {
            if (found instanceof JsonArray many) {
                return many.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList();
            }
            return found instanceof String one ? List.of(one) : List.of();
        });
    }

    /** An address that nobody has verified is anybody's. */
    private static Optional<Object> value(JsonObject claims, String claim) {
        if (claim.equals(EMAIL) && !Boolean.TRUE.equals(claims.getValue("email_verified"))) {
            return Optional.empty();
        }
        if (claims.containsKey(claim)) {
            return Optional.ofNullable(claims.getValue(claim));
        }
        int dot = claim.indexOf('.');
        return dot > 0 && claims.getValue(claim.substring(0, dot)) instanceof JsonObject inner
                ? value(inner, claim.substring(dot + 1))
                : Optional.empty();
    }
}

package org.pganalytics.identity.oidc;

import java.util.List;

/** What is usual at a provider, for what the configuration does not say. */
enum Preset {
    OIDC("", "openid profile", "preferred_username", "groups"),
    GOOGLE("https://accounts.google.com", "openid email", "email", "hd"),
    GITHUB("https://github.com", "read:org", "login", "teams"),
    OKTA("", "openid profile groups", "preferred_username", "groups"),
    ENTRA("", "openid profile", "preferred_username", "roles"),
    KEYCLOAK("", "openid profile", "preferred_username", "groups");

    private final String issuer;
    private final String scopes;
    private final String nameClaim;
    private final String groupsClaim;

    Preset(String issuer, String scopes, String nameClaim, String groupsClaim) {
        this.issuer = issuer;
        this.scopes = scopes;
        this.nameClaim = nameClaim;
        this.groupsClaim = groupsClaim;
    }

    /** Empty where everybody has one of their own. */
    String issuer() {
        return issuer;
    }

    List<String> scopes() {
        return List.of(scopes.split(" "));
    }

    String nameClaim() {
        return nameClaim;
    }

    String groupsClaim() {
        return groupsClaim;
    }
}

package org.pganalytics.identity.federation;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Binds a sign-in under way to the browser that began it, so that nobody is signed in as whoever sent them a link. A
 * provider sends the browser back by a GET, with which it shows this cookie. By a POST of the provider's page (SAML) it
 * does not: that one is answered with a redirect to here, and the GET that follows shows it.
 */
public final class SignInCookie {
    public static final String NAME = "__Host-pganalytics-sign-in";

    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_-]{43}");

    private SignInCookie() {}

    /** Empty without one that may be ours. */
    public static String of(HttpServerRequest request) {
        var cookie = request.getCookie(NAME);
        return cookie != null && VALUE.matcher(cookie.getValue()).matches() ? cookie.getValue() : "";
    }

    /** As a header's value. */
    public static String set(String value, Duration life) {
        return Cookie.cookie(NAME, value)
                .setPath("/")
                .setSecure(true)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.LAX)
                .setMaxAge(life.toSeconds())
                .encode();
    }
}

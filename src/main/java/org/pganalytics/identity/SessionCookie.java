package org.pganalytics.identity;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import org.pganalytics.secrets.RandomSecrets;

/**
 * The cookie of a session, and the token that a page must show beside it to change anything: another site can have the
 * browser send the first, and cannot read the second.
 */
public final class SessionCookie {
    /** Held by the browser to this host, this path, and TLS (which it takes loopback for). */
    public static final String NAME = "__Host-pganalytics";

    static final String CSRF_HEADER = "X-CSRF-Token";

    private SessionCookie() {}

    /** Empty without one. */
    public static String of(HttpServerRequest request) {
        var cookie = request.getCookie(NAME);
        return cookie == null ? "" : cookie.getValue();
    }

    /** As a header's value. */
    public static String set(String value, Duration life) {
        return cookie(value).setMaxAge(life.toSeconds()).encode();
    }

    static String clear() {
        return cookie("").setMaxAge(0).encode();
    }

    private static Cookie cookie(String value) {
        return Cookie.cookie(NAME, value)
                .setPath("/")
                .setSecure(true)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.LAX);
    }

    /** Made of the cookie's value, which no page can read, so that it needs no place to be kept. */
    static String csrfToken(String cookie) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(RandomSecrets.hash("csrf " + cookie));
    }

    static boolean isCsrfToken(String shown, String cookie) {
        return MessageDigest.isEqual(
                csrfToken(cookie).getBytes(StandardCharsets.US_ASCII), shown.getBytes(StandardCharsets.UTF_8));
    }
}

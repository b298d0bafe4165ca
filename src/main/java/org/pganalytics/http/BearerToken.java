package org.pganalytics.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.pganalytics.fault.Fault;

/** The token of an Authorization header (RFC 6750). */
public final class BearerToken {
    private static final String SCHEME = "Bearer ";

    private BearerToken() {}

    /** Fails with UNAUTHENTICATED when there is none; whether it is valid is for the room that issued it. */
    public static String of(HttpServerRequest request) {
        var values = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        if (values.size() != 1 || !values.get(0).regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw Fault.UNAUTHENTICATED.because("one header 'Authorization: Bearer <token>' is needed");
        }
        return values.get(0).substring(SCHEME.length()).strip();
    }
}

package org.pganalytics.identity.oidc;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** Addresses of a provider: with TLS, but for this machine. */
final class Endpoint {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
    private static final int LENGTH_MAX = 2_048;

    private Endpoint() {}

    /** Whether secrets may be sent there. */
    static boolean isFine(String url) {
        if (url == null || url.length() > LENGTH_MAX) {
            return false;
        }
        try {
            var uri = new URI(url);
            boolean bare = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
            return bare && uri.getHost() != null && isSafe(uri);
        } catch (URISyntaxException odd) {
            return false;
        }
    }

    private static boolean isSafe(URI uri) {
        return "https".equals(uri.getScheme())
                || "http".equals(uri.getScheme())
                        && LOOPBACK.matcher(uri.getHost()).matches();
    }
}

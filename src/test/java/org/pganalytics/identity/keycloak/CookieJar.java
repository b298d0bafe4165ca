package org.pganalytics.identity.keycloak;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Cookies as browsers keep them: by host, not by port; loopback is as good as TLS. */
final class CookieJar {
    private final Map<String, Cookie> cookies = new LinkedHashMap<>();

    /** @param sameSite lax where the server says nothing */
    private record Cookie(String host, String path, String name, String value, String sameSite) {
        boolean isFor(URI uri) {
            return uri.getHost().equals(host) && uri.getPath().startsWith(path);
        }

        /** What another site asks for comes without it, but for links and redirects. */
        boolean goes(Optional<URI> from, boolean isPost) {
            boolean sameSiteAsked =
                    from.map(page -> page.getHost().equals(host)).orElse(true);
            return sameSiteAsked || sameSite.equals("none") || (sameSite.equals("lax") && !isPost);
        }
    }

    void take(URI uri, String header) {
        var parts = header.split("\\s*;\\s*");
        int equals = parts[0].indexOf('=');
        var attributes = attributes(parts);
        var cookie = new Cookie(
                uri.getHost(),
                attributes.getOrDefault("path", "/"),
                parts[0].substring(0, equals),
                parts[0].substring(equals + 1),
                attributes.getOrDefault("samesite", "lax").toLowerCase(Locale.ROOT));
        var key = "%s %s %s".formatted(cookie.host(), cookie.path(), cookie.name());
        if (attributes.getOrDefault("max-age", "").equals("0")) {
            cookies.remove(key);
        } else if (!cookie.sameSite().equals("none") || attributes.containsKey("secure")) {
            cookies.put(key, cookie);
        }
    }

    private static Map<String, String> attributes(String[] parts) {
        var attributes = new LinkedHashMap<String, String>();
        for (int i = 1; i < parts.length; i++) {
            var words = parts[i].split("=", 2);
            attributes.put(words[0].toLowerCase(Locale.ROOT), words.length == 2 ? words[1] : "");
        }
        return attributes;
    }

    /** As the header has them; empty for none. @param from the page that asks; empty when somebody typed the address */
    String of(URI uri, Optional<URI> from, boolean isPost) {
        return cookies.values().stream()
                .filter(cookie -> cookie.isFor(uri) && cookie.goes(from, isPost))
                .map(cookie -> cookie.name() + "=" + cookie.value())
                .collect(Collectors.joining("; "));
    }

    Optional<String> value(URI uri, String name) {
        return cookies.values().stream()
                .filter(cookie -> cookie.isFor(uri) && cookie.name().equals(name))
                .map(Cookie::value)
                .findFirst();
    }
}

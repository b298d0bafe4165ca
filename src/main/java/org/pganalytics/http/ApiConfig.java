package org.pganalytics.http;

import java.net.URI;
import java.util.List;

/**
 * The API for people and programs, on the HTTP listener.
 *
 * @param corsOrigins pages of these origins, such as {@code https://grafana.example.org}, may call it from a browser; at
 *     most 100; default none
 */
public record ApiConfig(List<String> corsOrigins) {
    private static final int ORIGINS_MAX = 100;

    public ApiConfig {
        corsOrigins = List.copyOf(corsOrigins);
        if (corsOrigins.size() > ORIGINS_MAX) {
            throw new IllegalArgumentException("api.cors-origins has %d entries and must be at most %d"
                    .formatted(corsOrigins.size(), ORIGINS_MAX));
        }
        for (var origin : corsOrigins) {
            if (!isOrigin(origin)) {
                throw new IllegalArgumentException(
                        "api.cors-origins = '%s' must be origins such as https://grafana.example.org"
                                .formatted(origin));
            }
        }
    }

    private static boolean isOrigin(String text) {
        try {
            var uri = URI.create(text);
            return List.of("http", "https").contains(String.valueOf(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawPath().isEmpty()
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (IllegalArgumentException odd) {
            return false;
        }
    }
}

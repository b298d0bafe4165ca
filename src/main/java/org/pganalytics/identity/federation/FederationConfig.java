package org.pganalytics.identity.federation;

import java.util.regex.Pattern;
import org.pganalytics.fault.WrongValueException;

/**
 * What providers are told of this server.
 *
 * @param publicUrl where browsers reach it: https://host or https://host:port, on loopback http, too; empty: by no provider
 */
public record FederationConfig(String publicUrl) {
    private static final Pattern URL = Pattern.compile("https://([a-zA-Z0-9.-]+|\\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?"
            + "|http://(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

    public FederationConfig {
        if (!publicUrl.isEmpty() && !URL.matcher(publicUrl).matches()) {
            throw new WrongValueException(
                    "identity.public-url",
                    publicUrl,
                    "https://host or https://host:port without a path, as browsers have it (http on loopback only)");
        }
    }
}

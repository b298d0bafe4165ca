package org.pganalytics.identity.oidc;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.pganalytics.fault.Limit;
import org.pganalytics.fault.WrongValueException;

/**
 * The providers by OpenID Connect and OAuth.
 *
 * @param providers at most 16; none: nobody signs in so
 * @param timeout longest wait for a connection and for each answer, 100 ms to 30 s; default 5 s
 */
public record OidcConfig(List<OidcProviderConfig> providers, Duration timeout) {
    private static final int PROVIDERS_MAX = 16;

    public OidcConfig {
        providers = List.copyOf(providers);
        Limit.between("identity.oidc.timeout", timeout, Duration.ofMillis(100), Duration.ofSeconds(30));
        var ids = new HashSet<String>();
        if (providers.size() > PROVIDERS_MAX || !providers.stream().allMatch(provider -> ids.add(provider.id()))) {
            throw new WrongValueException(
                    "identity.oidc.providers",
                    providers.stream().map(OidcProviderConfig::id).toList().toString(),
                    "at most %d, each with an id of its own".formatted(PROVIDERS_MAX));
        }
    }
}

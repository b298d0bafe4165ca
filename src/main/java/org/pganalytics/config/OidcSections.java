package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.pganalytics.identity.oidc.OidcConfig;
import org.pganalytics.identity.oidc.OidcProviderConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the list of providers. */
final class OidcSections {
    static final Config DEFAULTS = ConfigFactory.parseString("""
            id = "", title = "", preset = oidc, issuer = ""
            client-id = "", client-secret = "", client-secret-file = ""
            scopes = [], name-claim = "", groups-claim = "", ca-file = "", trusts-factor = false
            roles { admin = [], operator = [], auditor = [], viewer = [] }
            """);

    private static final Logger LOG = LoggerFactory.getLogger(OidcSections.class);
    /** As for files of keys: a group may read them, as Kubernetes has it. */
    private static final Set<PosixFilePermission> NOBODY_ELSES = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private OidcSections() {}

    /** Null when even the defaults are not taken. */
    static OidcConfig read(Config config, Section section, Problems problems) {
        List<OidcProviderConfig> providers = new Elements(config, problems)
                .of("identity.oidc.providers", DEFAULTS).stream()
                        .map(OidcSections::provider)
                        .filter(Objects::nonNull)
                        .toList();
        return Binder.bind(OidcConfig.class, section, Map.of("providers", providers));
    }

    private static OidcProviderConfig provider(Section element) {
        var file = element.file("client-secret-file");
        if (file != null) {
            requirePrivate(element, file);
        }
        return Binder.bind(OidcProviderConfig.class, element, Map.of());
    }

    /** Of one that is not there, reading it tells. */
    private static void requirePrivate(Section element, Path file) {
        try {
            var rights = EnumSet.copyOf(NOBODY_ELSES);
            rights.retainAll(Files.getPosixFilePermissions(file));
            if (!rights.isEmpty()) {
                element.problem(
                        "client-secret-file",
                        file + ", open to others",
                        "a file for its owner only: chmod 600 " + file);
            }
        } catch (IOException | UnsupportedOperationException unknown) {
            LOG.debug("the rights of {} cannot be read: {}", file, unknown.getMessage());
        }
    }
}

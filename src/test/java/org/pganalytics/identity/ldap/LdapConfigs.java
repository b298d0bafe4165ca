package org.pganalytics.identity.ldap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Configurations of directories below dc=example,dc=org. */
final class LdapConfigs {
    static final LdapConfig.Roles ROLES = new LdapConfig.Roles(
            List.of(RealSlapd.group("admins")),
            List.of(RealSlapd.group("operators")),
            List.of(RealSlapd.group("auditors")),
            List.of(RealSlapd.group("viewers")));

    private LdapConfigs() {}

    /** @param caFile null for none */
    static LdapConfig of(List<String> urls, boolean startTls, Path caFile) {
        return of(urls, startTls, caFile, "(&(objectClass=inetOrgPerson)(uid={name}))", 3);
    }

    static LdapConfig of(List<String> urls, boolean startTls, Path caFile, String filter, int groupDepth) {
        return new LdapConfig(
                urls,
                startTls,
                false,
                caFile,
                RealSlapd.SEARCHER,
                RealSlapd.SEARCHERS_PASSWORD,
                "ou=people," + RealSlapd.BASE,
                filter,
                "uid",
                "entryUUID",
                "ou=groups," + RealSlapd.BASE,
                "member",
                groupDepth,
                ROLES,
                Duration.ofMillis(800),
                Duration.ofMinutes(1),
                7,
                500,
                50);
    }
}

package org.pganalytics.identity.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pganalytics.fault.Limit;
import org.pganalytics.model.Role;

/**
 * The directory that knows people; without URLs there is none.
 *
 * @param urls its servers, tried in turn: ldaps://host:port, or ldap://host:port with start-tls; at most 8
 * @param startTls whether TLS begins on a connection to ldap://
 * @param insecure whether passwords may travel without TLS beyond this machine
 * @param caFile PEM file of the authorities that may certify it; null for those of the Java runtime
 * @param bindDn who searches; empty for nobody
 * @param bindPassword of who searches
 * @param userBase DN below which people are
 * @param userFilter finds one of them by {name}
 * @param nameAttribute what they are called here; its first value
 * @param idAttribute what stays when they are renamed: entryUUID, or objectGUID
 * @param groupBase DN below which groups are
 * @param groupMember attribute of a group that holds the DNs of its members
 * @param groupDepth how many groups may lie between a person and a group with a role, 0 to 20
 * @param roles which groups have which role
 * @param timeout longest wait for a connection and for each answer, 100 ms to 10 s
 * @param syncEvery between two syncs, 1 s to 7 d
 * @param pageSize people that are asked for at once, 1 to 10 000
 * @param peopleMax most people that a sync takes, 1 to 1 000 000
 * @param disablePercentMax most of the directory's people that one sync disables, 1 to 100
 */
public record LdapConfig(
        List<String> urls,
        boolean startTls,
        boolean insecure,
        Path caFile,
        String bindDn,
        String bindPassword,
        String userBase,
        String userFilter,
        String nameAttribute,
        String idAttribute,
        String groupBase,
        String groupMember,
        int groupDepth,
        Roles roles,
        Duration timeout,
        Duration syncEvery,
        int pageSize,
        int peopleMax,
        int disablePercentMax) {
    /** Stands in the filter for what somebody typed. */
    static final String NAME = "{name}";

    private static final int URLS_MAX = 8;
    private static final Pattern URL = Pattern.compile("ldaps?://([a-zA-Z0-9._-]+|\\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?/?");
    private static final Pattern ATTRIBUTE = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]{0,62}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

    /** DNs of groups. */
    public record Roles(List<String> admin, List<String> operator, List<String> auditor, List<String> viewer) {
        public Roles {
            admin = groups("admin", admin);
            operator = groups("operator", operator);
            auditor = groups("auditor", auditor);
            viewer = groups("viewer", viewer);
        }

        private static List<String> groups(String role, List<String> given) {
            given.forEach(group -> requireDn("identity.ldap.roles." + role, group));
            return List.copyOf(given);
        }

        /** The highest first. */
        Map<Role, List<String>> byRole() {
            var all = new LinkedHashMap<Role, List<String>>();
            all.put(Role.ADMIN, admin);
            all.put(Role.OPERATOR, operator);
            all.put(Role.AUDITOR, auditor);
            all.put(Role.VIEWER, viewer);
            return all;
        }

        Stream<String> all() {
            return byRole().values().stream().flatMap(List::stream);
        }
    }

    public LdapConfig {
        urls = List.copyOf(urls);
        Limit.between("identity.ldap.group-depth", groupDepth, 0, 20);
        Limit.between("identity.ldap.timeout", timeout, Duration.ofMillis(100), Duration.ofSeconds(10));
        Limit.between("identity.ldap.sync-every", syncEvery, Duration.ofSeconds(1), Duration.ofDays(7));
        Limit.between("identity.ldap.page-size", pageSize, 1, 10_000);
        Limit.between("identity.ldap.people-max", peopleMax, 1, 1_000_000);
        Limit.between("identity.ldap.disable-percent-max", disablePercentMax, 1, 100);
        requireFilter(userFilter);
        requireAttribute("identity.ldap.name-attribute", nameAttribute);
        requireAttribute("identity.ldap.id-attribute", idAttribute);
        requireAttribute("identity.ldap.group-member", groupMember);
        if (!urls.isEmpty()) {
            requireUrls(urls, startTls, insecure);
            requireSearcher(bindDn, bindPassword);
            requireDn("identity.ldap.user-base", userBase);
            requireDn("identity.ldap.group-base", groupBase);
            requireRoles(roles);
        }
    }

    public boolean isConfigured() {
        return !urls.isEmpty();
    }

    /** Whether passwords travel as they are, beyond this machine; only where that was asked for. */
    public boolean isBare() {
        return urls.stream().anyMatch(url -> isBare(url, startTls));
    }

    private static boolean isBare(String url, boolean startTls) {
        return !startTls && !isTls(url) && !LOOPBACK.matcher(host(url)).matches();
    }

    static boolean isTls(String url) {
        return url.startsWith("ldaps:");
    }

    private static String host(String url) {
        var matcher = URL.matcher(url);
        return matcher.matches() ? matcher.group(1) : "";
    }

    /** The refusal does not repeat what it refuses: somebody may have put a password there. */
    private static void requireUrls(List<String> urls, boolean startTls, boolean insecure) {
        if (urls.size() > URLS_MAX
                || !urls.stream().allMatch(url -> URL.matcher(url).matches())) {
            throw new IllegalArgumentException(
                    "identity.ldap.urls must be at most %d of ldaps://host:port or ldap://host:port, with nothing else"
                            .formatted(URLS_MAX));
        }
        if (startTls && urls.stream().anyMatch(LdapConfig::isTls)) {
            throw new IllegalArgumentException(
                    "identity.ldap.start-tls must be false with ldaps://, which begins with TLS");
        }
        if (!insecure && urls.stream().anyMatch(url -> isBare(url, startTls))) {
            throw new IllegalArgumentException(
                    "identity.ldap.urls must be ldaps://, or ldap:// with start-tls = true: without TLS passwords can be"
                            + " read on their way (insecure = true allows it)");
        }
    }

    private static void requireSearcher(String dn, String password) {
        if (!dn.isEmpty()) {
            requireDn("identity.ldap.bind-dn", dn);
        }
        if (dn.isEmpty() != password.isEmpty()) {
            throw new IllegalArgumentException(
                    "identity.ldap.bind-dn must be set together with bind-password or bind-password-file");
        }
    }

    private static void requireFilter(String filter) {
        try {
            Filter.create(filter.replace(NAME, "x"));
        } catch (LDAPException wrong) {
            throw new IllegalArgumentException(
                    "identity.ldap.user-filter must be a filter such as (uid={name}): " + wrong.getMessage(), wrong);
        }
        if (!filter.contains("=" + NAME + ")")) {
            throw new IllegalArgumentException(
                    "identity.ldap.user-filter must be a filter that compares with {name}, such as (uid={name})");
        }
    }

    private static void requireAttribute(String setting, String name) {
        if (!ATTRIBUTE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "%s = '%s' must be the name of an attribute, such as uid".formatted(setting, name));
        }
        if (name.equalsIgnoreCase("memberUid")) {
            throw new IllegalArgumentException(
                    "%s = '%s' must be an attribute with DNs, such as member: this one has bare names"
                            .formatted(setting, name));
        }
    }

    private static void requireDn(String setting, String dn) {
        if (dn.isBlank() || !DN.isValidDN(dn)) {
            throw new IllegalArgumentException(
                    "%s = '%s' must be a DN such as ou=people,dc=example,dc=org".formatted(setting, dn));
        }
    }

    private static void requireRoles(Roles roles) {
        if (roles == null || roles.all().findAny().isEmpty()) {
            throw new IllegalArgumentException(
                    "identity.ldap.roles must be groups by role, such as { admin = [\"cn=dba,dc=example,dc=org\"] }:"
                            + " who is in none of them cannot sign in");
        }
    }

    /** Never the password. */
    @Override
    public String toString() {
        return "LdapConfig[%s]".formatted(urls);
    }
}

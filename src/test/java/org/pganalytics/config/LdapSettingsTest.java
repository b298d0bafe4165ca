package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.identity.ldap.LdapConfig;

/** What is said of a directory of people, and what is wrong in it. */
class LdapSettingsTest {
    private static final String GOOD = """
            identity.ldap {
              urls = ["ldaps://a.example", "ldaps://b.example:1636"]
              bind-dn = "cn=searcher,dc=example,dc=org"
              bind-password = hunter2
              user-base = "ou=people,dc=example,dc=org"
              group-base = "ou=groups,dc=example,dc=org"
              roles.admin = ["cn=dba,ou=groups,dc=example,dc=org"]
            }
            """;

    @TempDir
    private Path folder;

    private LdapConfig read(String more) throws IOException {
        return ServerConfigFile.load(file(more), Map.of()).ldap();
    }

    private List<String> problems(String more) throws IOException {
        var file = file(more);
        return assertThrows(ConfigException.class, () -> ServerConfigFile.load(file, Map.of())).problems().stream()
                .map(Problem::toString)
                .toList();
    }

    private Path file(String more) throws IOException {
        return Files.writeString(folder.resolve("server.conf"), GOOD + more);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            urls = ["ldap://a.example"]     | urls: found ["ldap://a.example"]; allowed is ldaps://, or ldap://
            urls = ["ldap://127.evil.org"]  | urls: found ["ldap://127.evil.org"]; allowed is ldaps://
            urls = [ldap.example]           | urls: found ["ldap.example"]; allowed is at most 8 of ldaps://host:port
            urls = ["ldaps://me:x@a"]       | urls: found ["ldaps://***@a"]; allowed is at most 8 of
            start-tls = true                | start-tls: found true; allowed is false with ldaps://
            bind-dn = searcher              | bind-dn: found "searcher"; allowed is a DN
            user-base = ""                  | user-base: found ""; allowed is a DN such as
            group-base = groups             | group-base: found "groups"; allowed is a DN such as
            user-filter = "(uid=bob)"       | user-filter: found "(uid=bob)"; allowed is a filter that compares with {name}
            user-filter = "(&(uid={name})"  | user-filter: found "(&(uid={name})"; allowed is a filter such as
            user-filter = "({name}=x)"      | user-filter: found "({name}=x)"; allowed is a filter
            name-attribute = "a b"          | name-attribute: found "a b"; allowed is the name of an attribute
            group-member = memberUid        | group-member: found "memberUid"; allowed is an attribute with DNs
            group-depth = 21                | group-depth: found 21; allowed is between 0 and 20
            roles.viewer = [dba]            | roles.viewer: found ["dba"]; allowed is a DN such as
            roles.boss = []                 | roles.boss: found an unknown key; allowed is one of
            timeout = 1m                    | timeout: found "1m"; allowed is between 100ms and 10s
            sync-every = 0s                 | sync-every: found "0s"; allowed is between 1s and 7d
            page-size = 0                   | page-size: found 0; allowed is between 1 and 10000
            people-max = 0                  | people-max: found 0; allowed is between 1 and 1000000
            disable-percent-max = 101       | disable-percent-max: found 101; allowed is between 1 and 100
            ca-file = gone                  | ca-file: found gone, which cannot be read; allowed is a file
            """)
    void aMistakeIsToldWithItsPlace(String line, String message) throws IOException {
        var problems = problems("identity.ldap." + line);
        assertEquals(1, problems.size(), problems::toString);
        var place = folder.resolve("server.conf") + ":9: identity.ldap.";
        assertTrue(problems.get(0).startsWith(place + message), problems::toString);
    }

    @Test
    void whoNamesADirectoryMustSayWhoHasARole() throws IOException {
        assertTrue(problems("identity.ldap.roles.admin = []").get(0).contains("groups by role"));
    }

    @Test
    void thePasswordIsTakenFromAFileAndNeverShown() throws IOException {
        var secret = Files.writeString(folder.resolve("secret"), "hunter3\n");
        var config = read("identity.ldap { bind-password = \"\", bind-password-file = \"%s\" }".formatted(secret));
        assertEquals("hunter3", config.bindPassword());
        assertFalse(config.toString().contains("hunter3"));
        var settings = ServerConfigFile.load(file(""), Map.of()).settings();
        assertFalse(settings.toString().contains("hunter2"), settings::toString);
        var problems = problems("identity.ldap { bind-dn = x, bind-password = [hunter2] }");
        assertFalse(problems.toString().contains("hunter2"), problems::toString);
    }

    @Test
    void passwordsTravelBareOnLoopbackOrWhereThatWasAskedFor() throws IOException {
        assertFalse(read("identity.ldap.urls = [\"ldap://127.0.0.1:389\", \"ldap://[::1]\"]")
                .isBare());
        assertFalse(read("identity.ldap { urls = [\"ldap://a.example\"], start-tls = true }")
                .isBare());
        assertTrue(read("identity.ldap { urls = [\"ldap://a.example\"], insecure = true }")
                .isBare());
    }

    @Test
    void groupsWithCommasComeFromTheEnvironmentToo() throws IOException {
        var variable = Map.of("PGANALYTICS_IDENTITY_LDAP_ROLES_VIEWER", "[\"cn=a,dc=b\", \"cn=c,dc=d\"]");
        assertEquals(
                List.of("cn=a,dc=b", "cn=c,dc=d"),
                ServerConfigFile.load(file(""), variable).ldap().roles().viewer());
        var wrong = Map.of("PGANALYTICS_IDENTITY_LDAP_ROLES_VIEWER", "[\"cn=a");
        assertThrows(ConfigException.class, () -> ServerConfigFile.load(file(""), wrong));
    }
}

package org.pganalytics.identity.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Role;
import org.pganalytics.tls.TestAuthority;

/** What is asked of a directory, and how one reaches it, with a real slapd. */
@Timeout(60)
class DirectoryIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";

    @TempDir
    private static Path folder;

    private static TestAuthority authority;
    private static RealSlapd slapd;

    @BeforeAll
    static void start() throws Exception {
        authority = TestAuthority.make(folder, "directory");
        slapd = RealSlapd.start(authority, authority.certify("127.0.0.1"));
        for (var name : List.of("alice", "bob", "cleo", "dora", "a.b")) {
            slapd.addPerson(name, PASSWORD);
        }
        slapd.addGroup("admins", RealSlapd.group("three"));
        slapd.addGroup("three", RealSlapd.group("two"));
        slapd.addGroup("two", RealSlapd.group("one"));
        slapd.addGroup("one", RealSlapd.person("alice"), RealSlapd.group("admins"));
        slapd.addGroup("auditors", RealSlapd.person("cleo"));
        slapd.addGroup("viewers", RealSlapd.person("cleo"), RealSlapd.person("bob"), RealSlapd.person("a.b"));
        slapd.addGroup("operators", RealSlapd.person("nobody-any-more"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (slapd != null) {
            slapd.close();
        }
    }

    private static Directory byTls(String... urls) {
        return new Directory(LdapConfigs.of(List.of(urls), false, authority.certificate()));
    }

    private static Directory directory() {
        return byTls(slapd.tlsUrl());
    }

    private static Directory byStartTls(Path caFile) {
        return new Directory(LdapConfigs.of(List.of(slapd.url()), true, caFile));
    }

    private static Optional<Role> role(Optional<DirectoryPerson> found) {
        return found.flatMap(DirectoryPerson::role);
    }

    private static void assertAway(Directory directory) {
        var failure = assertThrows(FaultException.class, () -> directory.verify("bob", PASSWORD));
        assertEquals(Fault.DIRECTORY_DOWN, failure.fault());
    }

    @Test
    void bothWaysOfTlsReachItAndTellTheRightPasswordFromAnother() {
        for (var directory : List.of(directory(), byStartTls(authority.certificate()))) {
            assertEquals(Optional.of(Role.VIEWER), role(directory.verify("bob", PASSWORD)));
            assertEquals(Optional.empty(), directory.verify("bob", PASSWORD + "x"));
            assertEquals(Optional.empty(), directory.verify("bobby", PASSWORD));
            assertEquals(Optional.empty(), directory.verify("dora", PASSWORD), "she is in no group");
        }
    }

    @Test
    void anEmptyPasswordIsRefusedThoughTheDirectoryLetsItIn() {
        assertEquals(Optional.empty(), directory().verify("bob", ""));
    }

    @Test
    void aDirectoryThatAnotherAuthorityCertifiedIsNotTalkedTo() throws Exception {
        var other = TestAuthority.make(folder, "other").certificate();
        assertAway(new Directory(LdapConfigs.of(List.of(slapd.tlsUrl()), false, other)));
        assertAway(byStartTls(other));
        assertAway(new Directory(LdapConfigs.of(List.of(slapd.tlsUrl()), false, null)));
    }

    @Test
    void aCertificateForAnotherHostIsRefused() throws Exception {
        try (var misnamed = RealSlapd.start(authority, authority.certify("ldap.example.org"))) {
            assertAway(byTls(misnamed.tlsUrl()));
            assertAway(new Directory(LdapConfigs.of(List.of(misnamed.url()), true, authority.certificate())));
        }
    }

    @Test
    void theNextServerAnswersWhenTheFirstIsDeadOrFrozen() throws Exception {
        var dead = byTls("ldaps://127.0.0.1:" + RealSlapd.freePort(), slapd.tlsUrl());
        assertTrue(dead.verify("bob", PASSWORD).isPresent());
        try (var frozen = RealSlapd.start(authority, authority.certify("127.0.0.1"))) {
            frozen.freeze();
            for (var startTls : List.of(true, false)) {
                var urls = startTls ? List.of(frozen.url(), slapd.url()) : List.of(frozen.tlsUrl(), slapd.tlsUrl());
                var directory = new Directory(LdapConfigs.of(urls, startTls, authority.certificate()));
                long began = System.nanoTime();
                assertTrue(directory.verify("bob", PASSWORD).isPresent());
                var took = Duration.ofNanos(System.nanoTime() - began);
                assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, took::toString);
                began = System.nanoTime();
                assertTrue(directory.verify("bob", PASSWORD).isPresent());
                var again = Duration.ofNanos(System.nanoTime() - began);
                assertTrue(again.compareTo(Duration.ofMillis(700)) < 0, () -> "not the frozen one first: " + again);
            }
        }
    }

    @Test
    void aGroupOfGroupsGivesItsRoleAndCirclesEnd() {
        assertEquals(Optional.of(Role.ADMIN), role(directory().find("alice")));
        var shallow = new Directory(
                LdapConfigs.of(List.of(slapd.tlsUrl()), false, authority.certificate(), "(uid={name})", 2));
        assertEquals(Optional.empty(), role(shallow.find("alice")), "one group too far");
        assertEquals(Optional.of(Role.AUDITOR), role(directory().find("cleo")), "higher than viewer");
    }

    static List<String> hostileNames() {
        return List.of(
                "*",
                "b*",
                "a)(uid=*",
                "*)(objectClass=*",
                "bob)(|(uid=*",
                "\\2a",
                "\\",
                "bob\u0000",
                "\u0000",
                " bob",
                "bob ",
                "b\\6fb",
                "ｂｏｂ",
                "",
                "a".repeat(100_000),
                "bob))(&(uid=cleo");
    }

    @ParameterizedTest
    @MethodSource("hostileNames")
    void aNameIsNeverAPartOfTheFilter(String name) {
        assertEquals(Optional.empty(), directory().verify(name, PASSWORD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(uid={name})", "(|(uid={name})(mail={name}))"})
    void whateverTheFilterIs(String filter) {
        var directory =
                new Directory(LdapConfigs.of(List.of(slapd.tlsUrl()), false, authority.certificate(), filter, 0));
        for (var name : hostileNames()) {
            assertEquals(Optional.empty(), directory.verify(name, PASSWORD), name);
        }
        assertTrue(directory.verify("a.b", PASSWORD).isPresent());
    }

    @Test
    void allAreReadPageByPage() throws Exception {
        for (int number = 0; number < 60; number++) {
            slapd.addPerson("many" + number, PASSWORD);
        }
        var snapshot = directory().all();
        assertTrue(snapshot.people().size() >= 65, () -> snapshot.people().size() + " people");
        assertEquals(List.of(), snapshot.absentGroups());
        var ids = snapshot.people().stream().map(DirectoryPerson::id).distinct().count();
        assertEquals(snapshot.people().size(), ids);
        assertFalse(snapshot.people().stream().anyMatch(person -> person.id().isEmpty()));
    }
}

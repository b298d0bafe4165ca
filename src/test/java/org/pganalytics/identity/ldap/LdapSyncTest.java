package org.pganalytics.identity.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.model.Role;

/** When what is missing in a directory says more of the directory than of people. */
class LdapSyncTest {
    private static final LdapConfig CONFIG = LdapConfigs.of(List.of("ldap://127.0.0.1"), false, null);

    private static List<KnownPerson> known(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new KnownPerson(
                        UUID.randomUUID(), "p" + number, Role.VIEWER, false, Optional.of("" + number), false, false))
                .toList();
    }

    private static List<DirectoryPerson> entries(int count) {
        return IntStream.range(0, count)
                .mapToObj(number ->
                        new DirectoryPerson("uid=p" + number, "" + number, "p" + number, Optional.of(Role.VIEWER)))
                .toList();
    }

    private static LdapSync.Report report(List<DirectoryPerson> entries, List<String> absentGroups, int known) {
        return LdapSync.report(CONFIG, new Directory.Snapshot(entries, absentGroups), known(known));
    }

    @ParameterizedTest(name = "{0} of {1} are there still: {2} disabled")
    @CsvSource({"9, 10, 1", "5, 10, 5", "4, 10, 0", "1, 10, 0", "0, 10, 0", "1, 2, 1", "0, 1, 0", "1, 3, 0", "2, 3, 1"})
    void moreThanHalfAreNotDisabledAtOnce(int left, int before, int disabled) {
        var report = report(entries(left), List.of(), before);
        assertEquals(disabled, report.changes().size(), report::toString);
        assertEquals(before - left - disabled, report.heldBack().size(), report::toString);
        assertEquals(disabled == 0, report.why().isPresent(), report::toString);
    }

    @Test
    void oneOfTwoWhoBothChangedMayGo() {
        var other = new DirectoryPerson("uid=new", "new", "new", Optional.of(Role.VIEWER));
        assertEquals(2, report(List.of(other), List.of(), 1).changes().size());
    }

    @Test
    void nobodyIsDisabledForAGroupThatCannotBeSeen() {
        var report = report(entries(9), List.of("cn=admins"), 10);
        assertEquals(List.of(), report.changes());
        assertTrue(report.why().orElseThrow().contains("cn=admins"), report::toString);
    }

    @Test
    void nobodyIsDisabledWhenNobodyHasARole() {
        var bare = entries(9).stream()
                .map(entry -> new DirectoryPerson(entry.dn(), entry.id(), entry.name(), Optional.empty()))
                .toList();
        assertEquals(List.of(), report(bare, List.of(), 1).changes());
    }
}

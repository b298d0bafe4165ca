package org.pganalytics.identity.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.Role;

/** What the directory's people mean for those who stand here. */
class SyncPlanTest {
    private static DirectoryPerson entry(String id, String name, Role role) {
        return new DirectoryPerson("uid=" + name, id, name, Optional.ofNullable(role));
    }

    private static KnownPerson of(String id, String name, Role role, boolean disabled, boolean bySync) {
        return new KnownPerson(UUID.randomUUID(), name, role, false, Optional.ofNullable(id), disabled, bySync);
    }

    private static KnownPerson known(String id, String name) {
        return of(id, name, Role.VIEWER, false, false);
    }

    private static KnownPerson local(String name) {
        return new KnownPerson(UUID.randomUUID(), name, Role.ADMIN, true, Optional.empty(), false, false);
    }

    private static List<String> changes(List<DirectoryPerson> entries, List<KnownPerson> known) {
        var plan = SyncPlan.of(entries, known);
        var all = new ArrayList<String>();
        plan.changes().forEach(change -> all.add(change.toString()));
        plan.goneEnabled().forEach(change -> all.add(change.toString()));
        return all;
    }

    @Test
    void whoIsNewIsAddedAndWhoIsThereStays() {
        assertEquals(
                List.of("add ann as operator"),
                changes(
                        List.of(
                                entry("1", "ann", Role.OPERATOR),
                                entry("2", "ben", Role.VIEWER),
                                entry("3", "cy", null)),
                        List.of(known("2", "ben"))));
    }

    @Test
    void anotherRoleAndAnotherNameAreFollowed() {
        assertEquals(
                List.of("rename ann to anna", "give anna the role admin instead of viewer"),
                changes(List.of(entry("1", "anna", Role.ADMIN)), List.of(known("1", "ann"))));
    }

    @Test
    void whoIsGoneOrWithoutAGroupIsDisabled() {
        assertEquals(
                List.of("disable ann", "disable ben"),
                changes(
                        List.of(entry("1", "ann", null)),
                        List.of(known("1", "ann"), known("2", "ben"), local("root"))));
    }

    @Test
    void whoComesBackIsEnabledUnlessAnAdminDisabledThem() {
        assertEquals(
                List.of("enable ann"),
                changes(
                        List.of(entry("1", "ann", Role.VIEWER), entry("2", "ben", Role.VIEWER)),
                        List.of(of("1", "ann", Role.VIEWER, true, true), of("2", "ben", Role.VIEWER, true, false))));
    }

    @Test
    void aNameOfSomebodyElseIsNeverTakenOver() {
        var plan = SyncPlan.of(
                List.of(entry("1", "root", Role.ADMIN), entry("9", "ben", Role.ADMIN)),
                List.of(local("root"), known("2", "ben")));
        assertEquals(List.of(), plan.changes());
        assertEquals(2, plan.passedOver().size(), () -> plan.passedOver().toString());
        assertEquals(1, plan.goneEnabled().size(), "the entry that was ben is not there any more");
    }

    @Test
    void nobodyIsRenamedOverSomebodyElseNorDisabledForIt() {
        var plan = SyncPlan.of(List.of(entry("1", "root", Role.VIEWER)), List.of(known("1", "ann"), local("root")));
        assertEquals(List.of(), plan.changes());
        assertEquals(List.of(), plan.goneEnabled());
        assertTrue(plan.passedOver().get(0).contains("whom it does not know"), plan.passedOver()::toString);
    }

    @Test
    void whoseNewNameCannotBeHadLosesTheRoleAllTheSame() {
        assertEquals(
                List.of("give ann the role admin instead of viewer"),
                changes(List.of(entry("1", "root", Role.ADMIN)), List.of(known("1", "ann"), local("root"))));
    }

    @Test
    void namesThatCannotBeHadArePassedOver() {
        var plan = SyncPlan.of(
                List.of(
                        entry("1", "two words", Role.VIEWER),
                        entry("2", "", Role.VIEWER),
                        entry("3", "twin", Role.VIEWER),
                        entry("4", "twin", Role.ADMIN)),
                List.of());
        assertEquals(List.of(), plan.changes());
        assertEquals(4, plan.passedOver().size());
    }

    @Test
    void whoWasLinkedBecomesTheEntryOfTheirName() {
        assertEquals(
                List.of("link ann"),
                changes(
                        List.of(entry("1", "ann", Role.VIEWER)),
                        List.of(known(null, "ann"), known(null, "not-there"))));
    }
}

package org.pganalytics.identity.ldap;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.pganalytics.identity.People;
import org.pganalytics.identity.PersonChange;
import org.pganalytics.model.Role;

/**
 * What the directory's people mean for those who stand here. An entry is who it was before, whatever it is called now; a
 * name that somebody else has here is never taken over.
 *
 * @param changes in the order in which they are done
 * @param goneEnabled enabled people of the directory who are in it no more, or in no group with a role
 * @param enabled people of the directory who are enabled
 * @param passedOver names of the directory that cannot be had here, and why
 */
record SyncPlan(List<PersonChange> changes, List<PersonChange> goneEnabled, int enabled, List<String> passedOver) {

    /** @param known everybody who stands here, or those whom an entry may be */
    static SyncPlan of(List<DirectoryPerson> entries, List<KnownPerson> known) {
        var plan = new Making(known);
        var twice = namesOfMany(entries);
        entries.stream().sorted(Comparator.comparing(DirectoryPerson::name)).forEach(entry -> plan.take(entry, twice));
        return plan.made();
    }

    private static Set<String> namesOfMany(List<DirectoryPerson> entries) {
        var seen = new HashSet<String>();
        var twice = new HashSet<String>();
        entries.stream().filter(entry -> !seen.add(entry.name())).forEach(entry -> twice.add(entry.name()));
        return twice;
    }

    /** While it is made. */
    private static final class Making {
        private final List<KnownPerson> known;
        private final Map<String, KnownPerson> byName = new HashMap<>();
        private final Map<String, KnownPerson> byExternalId = new HashMap<>();
        private final Set<KnownPerson> there = new HashSet<>();
        private final List<PersonChange> changes = new ArrayList<>();
        private final List<String> passedOver = new ArrayList<>();

        Making(List<KnownPerson> known) {
            this.known = known;
            known.forEach(person -> {
                byName.put(person.name(), person);
                person.externalId().ifPresent(id -> byExternalId.put(id, person));
            });
        }

        void take(DirectoryPerson entry, Set<String> twice) {
            if (entry.role().isEmpty()) {
                return;
            }
            var same = Optional.ofNullable(byExternalId.get(entry.id()));
            var why = unfit(entry, twice);
            if (why.isPresent()) {
                passedOver.add("%s (%s): %s".formatted(entry.name(), entry.dn(), why.get()));
                same.ifPresent(person -> {
                    there.add(person);
                    followRole(person, person.name(), entry);
                });
                return;
            }
            same.or(() -> linked(entry)).ifPresentOrElse(person -> follow(person, entry), () -> add(entry));
        }

        private Optional<String> unfit(DirectoryPerson entry, Set<String> twice) {
            if (!People.isName(entry.name())) {
                return Optional.of("it cannot be a name here");
            }
            if (twice.contains(entry.name())) {
                return Optional.of("more than one entry has this name");
            }
            return Optional.ofNullable(byName.get(entry.name()))
                    .filter(Predicate.not(holder -> isOf(holder, entry)))
                    .map(holder -> holder.local()
                            ? "somebody whom it does not know has this name; 'people link' gives it to the directory"
                            : "another entry had this name before; 'people link' gives it to this one");
        }

        private static boolean isOf(KnownPerson holder, DirectoryPerson entry) {
            return !holder.local()
                    && holder.externalId().map(entry.id()::equals).orElse(true);
        }

        private Optional<KnownPerson> linked(DirectoryPerson entry) {
            return Optional.ofNullable(byName.get(entry.name()));
        }

        private void add(DirectoryPerson entry) {
            changes.add(PersonChange.add(entry.name(), role(entry), entry.id()));
        }

        private void followRole(KnownPerson person, String name, DirectoryPerson entry) {
            if (person.role() != role(entry)) {
                var before = person.role().key();
                changes.add(PersonChange.of(
                        PersonChange.Kind.SET_ROLE, person.id(), name, before, role(entry), entry.id()));
            }
        }

        private void follow(KnownPerson person, DirectoryPerson entry) {
            there.add(person);
            if (person.externalId().isEmpty()) {
                add(PersonChange.Kind.LINK, person, entry, "");
            }
            if (!person.name().equals(entry.name())) {
                add(PersonChange.Kind.RENAME, person, entry, person.name());
            }
            followRole(person, entry.name(), entry);
            if (person.disabledBySync()) {
                add(PersonChange.Kind.ENABLE, person, entry, "");
            }
        }

        private void add(PersonChange.Kind kind, KnownPerson person, DirectoryPerson entry, String before) {
            changes.add(PersonChange.of(kind, person.id(), entry.name(), before, role(entry), entry.id()));
        }

        private static Role role(DirectoryPerson entry) {
            return entry.role().orElseThrow();
        }

        SyncPlan made() {
            var enabled = known.stream()
                    .filter(person -> !person.local() && !person.disabled())
                    .toList();
            var gone = enabled.stream()
                    .filter(person -> person.externalId().isPresent() && !there.contains(person))
                    .map(person -> PersonChange.of(
                            PersonChange.Kind.DISABLE, person.id(), person.name(), "", person.role(), ""))
                    .toList();
            return new SyncPlan(List.copyOf(changes), gone, enabled.size(), List.copyOf(passedOver));
        }
    }
}

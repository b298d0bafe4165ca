package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.pganalytics.fleet.Assignment;
import org.pganalytics.fleet.Assignments;
import org.pganalytics.fleet.ProfileVersion;
import org.pganalytics.fleet.Profiles;
import org.pganalytics.fleet.Selector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What collectors are to run. */
@Command(
        name = "profile",
        description =
                "Keeps configurations of collectors, in versions, and rolls them out to those with certain labels.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ProfileCommand.ListAll.class,
            ProfileCommand.Show.class,
            ProfileCommand.Set.class,
            ProfileCommand.Assign.class,
            ProfileCommand.RollBack.class,
            ProfileCommand.Unassign.class,
            ProfileStatusCommand.class
        })
final class ProfileCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: list, show, set, assign, rollback, unassign or status");
    }

    /** Lists the profiles and where they run. */
    @Command(
            name = "list",
            description = "Lists the profiles by name; with a name, its versions.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", arity = "0..1", description = "Of one profile.")
        private String name;

        @Override
        public Integer call() {
            var found = common.inventory().askProfiles(all -> name == null ? all.list() : all.versions(name));
            return common.tell(
                    found,
                    ProfileVersion::summary,
                    List.of("profile", "version", "created", "by", "comment"),
                    one -> List.of(
                            one.profile(),
                            Integer.toString(one.version()),
                            InventoryCommand.text(Optional.of(one.createdAt())),
                            one.createdBy(),
                            one.comment()));
        }
    }

    /** Shows one version. */
    @Command(name = "show", description = "Prints a version of a profile.", mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "Of the profile.")
        private String name;

        @Option(names = "--version-number", paramLabel = "N", description = "Which version; default: the newest.")
        private Integer version;

        @Override
        public Integer call() {
            var found = common.inventory()
                    .askProfiles(all ->
                            version == null ? all.versions(name).map(list -> list.get(0)) : all.version(name, version));
            return common.tell(found.json().encode(), found.document());
        }
    }

    /** Adds a version. */
    @Command(
            name = "set",
            description =
                    "Checks a file and adds it as the newest version of a profile. No collector runs it until it is"
                            + " assigned.",
            mixinStandardHelpOptions = true)
    static final class Set implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(index = "0", paramLabel = "NAME", description = "Of the profile.")
        private String name;

        @Parameters(index = "1", paramLabel = "FILE", description = "HOCON; docs/fleet-configuration.md has the keys.")
        private Path file;

        @Option(names = "--comment", defaultValue = "", description = "Why, for the list and the audit.")
        private String comment;

        @Override
        public Integer call() {
            var text = read();
            var added = common.inventory().askProfiles(all -> all.add(name, text, comment, InventoryCommand.actor()));
            return common.tell(added.json().encode(), "version %d of %s".formatted(added.version(), name));
        }

        private String read() {
            try (var in = Files.newInputStream(file)) {
                var bytes = in.readNBytes(Profiles.DOCUMENT_BYTES_MAX + 1);
                if (bytes.length > Profiles.DOCUMENT_BYTES_MAX) {
                    throw new CommandFailure(
                            "%s: a profile has at most %d bytes".formatted(file, Profiles.DOCUMENT_BYTES_MAX));
                }
                return new String(bytes, StandardCharsets.UTF_8);
            } catch (NoSuchFileException gone) {
                throw new CommandFailure("there is no file %s".formatted(file));
            } catch (IOException unreadable) {
                throw new CommandFailure("%s cannot be read: %s".formatted(file, unreadable));
            }
        }
    }

    /** Which collectors. */
    static final class Choice {
        @Parameters(index = "0", paramLabel = "NAME", description = "Of the profile.")
        private String name;

        @Option(
                names = "--selector",
                paramLabel = "LABELS",
                defaultValue = "",
                description = "Which collectors: key=value or key!=value, several with commas; default: all.")
        private String selector;
    }

    /** Rolls one out. */
    @Command(
            name = "assign",
            description = "Rolls a version out to the collectors chosen, or to a part of them.",
            mixinStandardHelpOptions = true)
    static final class Assign implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Mixin
        private Choice choice;

        @Option(names = "--to", paramLabel = "N", required = true, description = "The version.")
        private int version;

        @Option(
                names = "--percent",
                paramLabel = "N",
                defaultValue = "100",
                description = "To so many of them, 1 to 100; the others stay with the version before.")
        private int percent;

        @Option(
                names = "--precedence",
                paramLabel = "N",
                description =
                        "Where several profiles match, that of the highest counts, 0 to 1000; default 0, or as it is.")
        private Integer precedence;

        @Override
        public Integer call() {
            var rollOut = new Assignments.RollOut(
                    choice.name, version, Selector.parse(choice.selector), optional(precedence), percent);
            return shown(
                    common, common.inventory().askAssignments(all -> all.assign(rollOut, InventoryCommand.actor())));
        }
    }

    /** Goes back. */
    @Command(
            name = "rollback",
            description = "Goes back to the version before, for all that the assignment chooses.",
            mixinStandardHelpOptions = true)
    static final class RollBack implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Mixin
        private Choice choice;

        @Option(names = "--to", paramLabel = "N", description = "Another version than the one before.")
        private Integer version;

        @Override
        public Integer call() {
            var selector = Selector.parse(choice.selector);
            return shown(
                    common,
                    common.inventory()
                            .askAssignments(all ->
                                    all.rollBack(choice.name, selector, optional(version), InventoryCommand.actor())));
        }
    }

    /** Ends one. */
    @Command(
            name = "unassign",
            description = "Ends an assignment; its collectors run what another one says, or their own configuration.",
            mixinStandardHelpOptions = true)
    static final class Unassign implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Mixin
        private Choice choice;

        @Override
        public Integer call() {
            var selector = Selector.parse(choice.selector);
            common.inventory().askAssignments(all -> all.end(choice.name, selector, InventoryCommand.actor()));
            return common.tell(
                    new JsonObject().put("profile", choice.name).put("selector", selector.toString()),
                    "unassigned " + choice.name);
        }
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static int shown(InventoryCommand common, Assignment now) {
        return common.tell(now.json().encode(), ProfileStatusCommand.described(now));
    }
}

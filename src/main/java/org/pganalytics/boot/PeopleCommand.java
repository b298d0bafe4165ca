package org.pganalytics.boot;

import static org.pganalytics.boot.InventoryCommand.text;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.pganalytics.identity.People;
import org.pganalytics.identity.PeopleRoutes;
import org.pganalytics.model.Role;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who may sign in; beside the server, for whoever cannot sign in to say so. */
@Command(
        name = "people",
        description = "Lists, adds, disables and enables those who may sign in, gives them roles and new codes.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PeopleCommand.ListAll.class,
            PeopleCommand.Add.class,
            PeopleCommand.Reset.class,
            PeopleCommand.ResetFactor.class,
            PeopleCommand.SetRole.class,
            PeopleCommand.Disable.class,
            PeopleCommand.Enable.class,
            PeopleSyncCommand.class,
            PeopleCommand.Link.class,
            PeopleCommand.Unlink.class,
            PeopleCommand.Export.class
        })
final class PeopleCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: list, add, reset, reset-factor, role, disable, enable, sync, link, unlink or export");
    }

    /** What those commands have in common that are about one person. */
    static final class One {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "1 to 63 of a-z, 0-9, '.', '_', '@', '-'.")
        private String name;

        int told(People.Invited invited) {
            return common.tell(
                    PeopleRoutes.json(invited),
                    "%s chooses a password with this code, once, until %s: %s"
                            .formatted(
                                    invited.person().name(),
                                    text(Optional.of(invited.code().endsAt())),
                                    invited.code().text()));
        }

        int disabled(boolean disabled) {
            var person = common.inventory()
                    .askPeople(people -> people.setDisabled(name, disabled, InventoryCommand.actor()));
            return common.tell(PeopleRoutes.json(person), (disabled ? "disabled " : "enabled ") + person.name());
        }
    }

    /** Lists all of them. */
    @Command(name = "list", description = "Lists people by name.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Override
        public Integer call() {
            return common.tell(
                    common.inventory().askPeople(People::list),
                    PeopleRoutes::json,
                    List.of("name", "role", "source", "signed in", "disabled"),
                    person -> List.of(
                            person.name(),
                            person.role().key(),
                            person.source(),
                            text(person.signedInAt()),
                            text(person.disabledAt())));
        }
    }

    /** Adds one. */
    @Command(
            name = "add",
            description = "Adds a person and prints the code with which they choose a password.",
            mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Mixin
        private One one;

        @Option(names = "--role", required = true, description = "viewer, operator, auditor or admin.")
        private String role;

        @Override
        public Integer call() {
            return one.told(one.common
                    .inventory()
                    .askPeople(people -> people.add(one.name, role(role), InventoryCommand.actor())));
        }
    }

    private static Role role(String key) {
        return Role.of(key)
                .filter(role -> role != Role.COLLECTOR)
                .orElseThrow(() -> new CommandFailure(
                        "there is no role '%s' for people: viewer, operator, auditor or admin".formatted(key)));
    }

    /** Takes the second factor away of who lost it. */
    @Command(
            name = "reset-factor",
            description = "Takes the second factor away of who lost it, and ends their sessions.",
            mixinStandardHelpOptions = true)
    static final class ResetFactor implements Callable<Integer> {
        @Mixin
        private One one;

        @Override
        public Integer call() {
            var person =
                    one.common.inventory().askPeople(people -> people.resetFactor(one.name, InventoryCommand.actor()));
            return one.common.tell(PeopleRoutes.json(person), "took the second factor of " + person.name());
        }
    }

    /** Lets one choose another password. */
    @Command(
            name = "reset",
            description = "Makes a password void, ends its owner's sessions, and prints a code for choosing another.",
            mixinStandardHelpOptions = true)
    static final class Reset implements Callable<Integer> {
        @Mixin
        private One one;

        @Override
        public Integer call() {
            return one.told(
                    one.common.inventory().askPeople(people -> people.reset(one.name, InventoryCommand.actor())));
        }
    }

    /** Gives one another role. */
    @Command(name = "role", description = "Gives a person another role.", mixinStandardHelpOptions = true)
    static final class SetRole implements Callable<Integer> {
        @Mixin
        private One one;

        @Parameters(index = "1", paramLabel = "ROLE", description = "viewer, operator, auditor or admin.")
        private String role;

        @Override
        public Integer call() {
            var person = one.common
                    .inventory()
                    .askPeople(people -> people.setRole(one.name, role(role), InventoryCommand.actor()));
            return one.common.tell(
                    PeopleRoutes.json(person),
                    person.name() + " is " + person.role().key());
        }
    }

    /** Shuts one out. */
    @Command(
            name = "disable",
            description = "Ends a person's sessions, at once and on every server, and lets them sign in no more.",
            mixinStandardHelpOptions = true)
    static final class Disable implements Callable<Integer> {
        @Mixin
        private One one;

        @Override
        public Integer call() {
            return one.disabled(true);
        }
    }

    /** Lets one in again. */
    @Command(name = "enable", description = "Lets a disabled person sign in again.", mixinStandardHelpOptions = true)
    static final class Enable implements Callable<Integer> {
        @Mixin
        private One one;

        @Override
        public Integer call() {
            return one.disabled(false);
        }
    }

    /** Gives one to the directory, or to a provider. */
    @Command(
            name = "link",
            description = "Lets the directory's entry of this name be this person, with its password and its groups;"
                    + " or whom a provider knows as this subject.",
            mixinStandardHelpOptions = true)
    static final class Link implements Callable<Integer> {
        private static final Pattern PROVIDER = Pattern.compile("(oidc|saml):([a-z0-9][a-z0-9-]{0,31})");
        private static final int SUBJECT_BYTES_MAX = 255;

        @Mixin
        private One one;

        @Option(names = "--provider", description = "Such as oidc:corp. Default: the directory.")
        private String provider;

        @Option(names = "--subject", description = "What it calls them: the audit's refusals have it as external_id.")
        private String subject;

        @Override
        public Integer call() {
            if (provider == null && subject == null) {
                var person =
                        one.common.inventory().askPeople(people -> people.link(one.name, InventoryCommand.actor()));
                return one.common.tell(PeopleRoutes.json(person), person.name() + " is of the directory");
            }
            var outside = outside();
            var person = one.common
                    .inventory()
                    .askPeople(people -> people.link(one.name, outside, InventoryCommand.actor()));
            return one.common.tell(PeopleRoutes.json(person), person.name() + " is of " + provider);
        }

        private People.Outside outside() {
            var named = PROVIDER.matcher(provider == null ? "" : provider);
            if (!named.matches() || subject == null || subject.isEmpty()) {
                throw new CommandFailure("--provider such as oidc:corp and --subject go together");
            }
            if (subject.getBytes(StandardCharsets.UTF_8).length > SUBJECT_BYTES_MAX) {
                throw new CommandFailure("--subject is at most 255 bytes");
            }
            return new People.Outside(named.group(1), named.group(2), subject);
        }
    }

    /** Takes one from them. */
    @Command(
            name = "unlink",
            description = "Takes a person from the directory or the provider; 'reset' gives them a password here.",
            mixinStandardHelpOptions = true)
    static final class Unlink implements Callable<Integer> {
        @Mixin
        private One one;

        @Override
        public Integer call() {
            var person = one.common.inventory().askPeople(people -> people.unlink(one.name, InventoryCommand.actor()));
            return one.common.tell(PeopleRoutes.json(person), person.name() + " has an account here");
        }
    }

    /** For somebody who asks what is kept of them. */
    @Command(
            name = "export",
            description = "Prints as JSON all that is kept of a person, but for secrets; it is audited.",
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin
        private One one;

        @Override
        public Integer call() {
            var kept = one.common.inventory().export(one.name, InventoryCommand.actor());
            return one.common.tell(kept.encode(), kept.encodePrettily());
        }
    }
}

package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pganalytics.admission.RegistrationSecret;
import org.pganalytics.admission.RegistrationSecrets;
import org.pganalytics.secrets.RandomSecrets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The registration secrets beside the configured one. */
@Command(
        name = "secret",
        description = "Adds, lists and revokes the secrets with which collectors register.",
        mixinStandardHelpOptions = true,
        subcommands = {SecretCommand.Add.class, SecretCommand.ListAll.class, SecretCommand.Revoke.class})
final class SecretCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: add, list or revoke");
    }

    private static String actor() {
        return "cli:" + System.getProperty("user.name");
    }

    /** Makes one; nobody has to think of it, and it never stands on a command line. */
    @Command(
            name = "add",
            description = "Makes a registration secret and prints it, this once; only its hash is kept.",
            mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOption config;

        @Parameters(paramLabel = "NAME", description = "What it is called in the audit and in the list.")
        private String name;

        @Option(names = "--days", paramLabel = "N", description = "It expires after so many days; default: never.")
        private Optional<Integer> days;

        @Option(names = "--json", description = "As one JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            if (days.filter(count -> count < 1 || count > 3_650).isPresent()) {
                throw new ParameterException(spec.commandLine(), "--days must be 1 to 3650");
            }
            var secret = new RandomSecrets(new SecureRandom()).next();
            var expires = days.map(count -> Clock.systemUTC().instant().plus(count, ChronoUnit.DAYS));
            new Inventory(config.load()).askSecrets(all -> all.add(name, secret, expires, actor()));
            PrintWriter out = spec.commandLine().getOut();
            var shown = new JsonObject()
                    .put("name", name)
                    .put("secret", secret)
                    .put("expires_at", expires.map(Instant::toString).orElse(null));
            out.println(json ? shown.encode() : secret);
            out.flush();
            return 0;
        }
    }

    /** Lists all of them, without the secrets: nobody has those. */
    @Command(
            name = "list",
            description = "Lists the registration secrets by name, those that hold and those that once did.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOption config;

        @Option(names = "--json", description = "As one JSON array.")
        private boolean json;

        @Override
        public Integer call() {
            var found = new Inventory(config.load()).askSecrets(RegistrationSecrets::list);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                var array = new JsonArray();
                found.forEach(secret -> array.add(shown(secret)));
                out.println(array.encode());
            } else {
                out.printf("%-24s  %-20s  %-20s  %s%n", "name", "expires", "revoked", "uses");
                found.forEach(secret -> out.printf(
                        "%-24s  %-20s  %-20s  %d%n",
                        secret.name(), text(secret.expiresAt()), text(secret.revokedAt()), secret.uses()));
            }
            out.flush();
            return 0;
        }

        private static String text(Optional<Instant> time) {
            return time.map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("never");
        }

        private static JsonObject shown(RegistrationSecret secret) {
            return new JsonObject()
                    .put("name", secret.name())
                    .put("created_at", secret.createdAt().toString())
                    .put("expires_at", secret.expiresAt().map(Instant::toString).orElse(null))
                    .put("revoked_at", secret.revokedAt().map(Instant::toString).orElse(null))
                    .put(
                            "last_used_at",
                            secret.lastUsedAt().map(Instant::toString).orElse(null))
                    .put("uses", secret.uses());
        }
    }

    /** Ends one. */
    @Command(
            name = "revoke",
            description = "Ends a registration secret at once, on every server; who registered with it stays.",
            mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOption config;

        @Parameters(paramLabel = "NAME", description = "What it is called.")
        private String name;

        @Override
        public Integer call() {
            new Inventory(config.load()).askSecrets(all -> all.revoke(name, actor()));
            spec.commandLine().getOut().println("revoked " + name);
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}

package org.pganalytics.boot;

import static org.pganalytics.boot.InventoryCommand.text;

import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
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

    /** Makes one; nobody has to think of it, and it never stands on a command line. */
    @Command(
            name = "add",
            description = "Makes a registration secret and prints it, this once; only its hash is kept.",
            mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "What it is called in the audit and in the list.")
        private String name;

        @Option(names = "--days", paramLabel = "N", description = "It expires after so many days; default: never.")
        private Optional<Integer> days;

        @Override
        public Integer call() {
            if (days.filter(count -> count < 1 || count > 3_650).isPresent()) {
                throw new ParameterException(spec.commandLine(), "--days must be 1 to 3650");
            }
            var secret = new RandomSecrets(new SecureRandom()).next();
            var expires = days.map(count -> Clock.systemUTC().instant().plus(count, ChronoUnit.DAYS));
            common.inventory().askSecrets(all -> all.add(name, secret, expires, InventoryCommand.actor()));
            var shown = new JsonObject()
                    .put("name", name)
                    .put("secret", secret)
                    .put("expires_at", expires.map(Instant::toString).orElse(null));
            return common.tell(shown, secret);
        }
    }

    /** Lists all of them, without the secrets: nobody has those. */
    @Command(
            name = "list",
            description = "Lists the registration secrets by name, those that hold and those that once did.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Override
        public Integer call() {
            var found = common.inventory().askSecrets(RegistrationSecrets::list);
            return common.tell(
                    found,
                    ListAll::shown,
                    List.of("name", "expires", "revoked", "uses"),
                    secret -> List.of(
                            secret.name(),
                            text(secret.expiresAt()),
                            text(secret.revokedAt()),
                            Long.toString(secret.uses())));
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
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "What it is called.")
        private String name;

        @Override
        public Integer call() {
            common.inventory().askSecrets(all -> all.revoke(name, InventoryCommand.actor()));
            return common.tell(new JsonObject().put("name", name), "revoked " + name);
        }
    }
}

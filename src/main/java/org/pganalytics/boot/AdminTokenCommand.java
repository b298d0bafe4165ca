package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pganalytics.identity.AdminToken;
import org.pganalytics.identity.AdminTokens;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The tokens of the API for people and programs. */
@Command(
        name = "admin-token",
        description =
                "Makes, lists and revokes the tokens that open the API. The first one is printed by the first start"
                        + " of a server on a database; whoever lost it makes another one here.",
        mixinStandardHelpOptions = true,
        subcommands = {AdminTokenCommand.New.class, AdminTokenCommand.ListAll.class, AdminTokenCommand.Revoke.class})
final class AdminTokenCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: new, list or revoke");
    }

    private static String actor() {
        return "cli:" + System.getProperty("user.name");
    }

    /** Makes one. */
    @Command(
            name = "new",
            description = "Makes an admin token and prints it, this once; only its hash is kept.",
            mixinStandardHelpOptions = true)
    static final class New implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOption config;

        @Parameters(paramLabel = "NAME", description = "Who has it, for the audit and the list.")
        private String name;

        @Option(names = "--json", description = "As one JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            var token = new Inventory(config.load()).askAdminTokens(all -> all.add(name, actor()));
            PrintWriter out = spec.commandLine().getOut();
            out.println(
                    json
                            ? new JsonObject()
                                    .put("name", name)
                                    .put("token", token)
                                    .encode()
                            : token);
            out.flush();
            return 0;
        }
    }

    /** Lists all of them, without the tokens: nobody has those. */
    @Command(
            name = "list",
            description = "Lists the admin tokens by name, those that hold and those that once did.",
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
            var found = new Inventory(config.load()).askAdminTokens(AdminTokens::list);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                var array = new JsonArray();
                found.forEach(token -> array.add(shown(token)));
                out.println(array.encode());
            } else {
                out.printf("%-24s  %-20s  %-20s  %s%n", "name", "made", "last used", "revoked");
                found.forEach(token -> out.printf(
                        "%-24s  %-20s  %-20s  %s%n",
                        token.name(),
                        text(Optional.of(token.createdAt())),
                        text(token.lastUsedAt()),
                        text(token.revokedAt())));
            }
            out.flush();
            return 0;
        }

        private static String text(Optional<Instant> time) {
            return time.map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("never");
        }

        private static JsonObject shown(AdminToken token) {
            return new JsonObject()
                    .put("name", token.name())
                    .put("created_at", token.createdAt().toString())
                    .put(
                            "last_used_at",
                            token.lastUsedAt().map(Instant::toString).orElse(null))
                    .put("revoked_at", token.revokedAt().map(Instant::toString).orElse(null));
        }
    }

    /** Ends one. */
    @Command(
            name = "revoke",
            description = "Ends an admin token at once, on every server.",
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
            new Inventory(config.load()).askAdminTokens(all -> all.revoke(name, actor()));
            spec.commandLine().getOut().println("revoked " + name);
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}

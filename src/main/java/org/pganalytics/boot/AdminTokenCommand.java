package org.pganalytics.boot;

import static org.pganalytics.boot.InventoryCommand.text;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pganalytics.identity.AdminToken;
import org.pganalytics.identity.AdminTokens;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    /** Makes one. */
    @Command(
            name = "new",
            description = "Makes an admin token and prints it, this once; only its hash is kept.",
            mixinStandardHelpOptions = true)
    static final class New implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "Who has it, for the audit and the list.")
        private String name;

        @Override
        public Integer call() {
            var token = common.inventory().askAdminTokens(all -> all.add(name, InventoryCommand.actor()));
            return common.tell(new JsonObject().put("name", name).put("token", token), token);
        }
    }

    /** Lists all of them, without the tokens: nobody has those. */
    @Command(
            name = "list",
            description = "Lists the admin tokens by name, those that hold and those that once did.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Override
        public Integer call() {
            var found = common.inventory().askAdminTokens(AdminTokens::list);
            return common.tell(
                    found,
                    ListAll::shown,
                    List.of("name", "made", "last used", "revoked"),
                    token -> List.of(
                            token.name(),
                            text(Optional.of(token.createdAt())),
                            text(token.lastUsedAt()),
                            text(token.revokedAt())));
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
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "What it is called.")
        private String name;

        @Override
        public Integer call() {
            common.inventory().askAdminTokens(all -> all.revoke(name, InventoryCommand.actor()));
            return common.tell(new JsonObject().put("name", name), "revoked " + name);
        }
    }
}

package org.pganalytics.boot;

import static org.pganalytics.boot.InventoryCommand.text;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.pganalytics.identity.ApiTokens;
import org.pganalytics.identity.TokenRoutes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The API tokens; beside the server, for whoever cannot sign in, and for what installs services. */
@Command(
        name = "api-token",
        description = "Makes API tokens for services, lists everybody's, and revokes any. People make their own.",
        mixinStandardHelpOptions = true,
        subcommands = {ApiTokenCommand.Create.class, ApiTokenCommand.ListAll.class, ApiTokenCommand.Revoke.class})
final class ApiTokenCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: create, list or revoke");
    }

    private static ApiTokens.By self() {
        return new ApiTokens.By(InventoryCommand.actor(), "");
    }

    /** Makes one. */
    @Command(
            name = "create",
            description = "Makes an API token for a service and prints it, this once; only its hash is kept.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "NAME", description = "Which service has it, for the audit and the list.")
        private String name;

        @Option(
                names = "--scope",
                required = true,
                split = ",",
                paramLabel = "PERMISSION",
                description = "What it may do, such as metrics.read; may stand several times.")
        private List<String> scopes;

        @Option(names = "--days", required = true, description = "It ends after so many days.")
        private int days;

        @Override
        public Integer call() {
            var wish = new ApiTokens.Wish(
                    name, TokenRoutes.scopes(scopes), Instant.now().plus(Duration.ofDays(days)));
            var made = common.inventory().askApiTokens(all -> all.addService(wish, self()));
            return common.tell(TokenRoutes.json(made), made.text());
        }
    }

    /** Lists all of them, without the tokens: nobody has those. */
    @Command(
            name = "list",
            description = "Lists the API tokens of people and services, those that hold first; at most 1,000.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Override
        public Integer call() {
            return common.tell(
                    common.inventory().askApiTokens(ApiTokens::list),
                    TokenRoutes::json,
                    List.of("id", "person", "name", "scopes", "ends", "last used", "revoked"),
                    token -> List.of(
                            token.id().toString(),
                            token.owner().orElse("(service)"),
                            token.name(),
                            String.join(",", token.scopes()),
                            text(Optional.of(token.endsAt())),
                            text(token.lastUsedAt()),
                            text(token.revokedAt())));
        }
    }

    /** Ends one. */
    @Command(
            name = "revoke",
            description = "Ends an API token, of a person or a service, on every server within 5 s.",
            mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "ID", description = "As the list shows it.")
        private UUID id;

        @Override
        public Integer call() {
            var gone = common.inventory().askApiTokens(all -> all.revoke(id, self()));
            return common.tell(TokenRoutes.json(gone), "revoked " + id);
        }
    }
}

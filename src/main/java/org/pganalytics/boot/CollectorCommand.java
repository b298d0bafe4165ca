package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.pganalytics.fleet.CollectorEntry;
import org.pganalytics.fleet.CollectorPage;
import org.pganalytics.fleet.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The identities of the fleet. */
@Command(
        name = "collector",
        description = "Registers, lists and revokes collectors, and the secrets with which they register.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RegisterCommand.class,
            CollectorCommand.ListAll.class,
            CollectorCommand.Revoke.class,
            LabelCommand.class,
            SecretCommand.class
        })
final class CollectorCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: register, list, revoke, label or secret");
    }

    /** Lists all of them. */
    @Command(
            name = "list",
            description = "Lists the collectors that the server's database knows, by name, with the time of their last"
                    + " batch: of those of version 3 it is up to fleet.last-seen-every late.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Override
        public Integer call() {
            var found = common.inventory().ask(ListAll::all);
            return common.tell(
                    found,
                    CollectorCommand::shown,
                    List.of("collector", "name", "state", "last batch", "agent"),
                    entry -> List.of(
                            entry.collector().toString(),
                            entry.name(),
                            entry.revokedAt().isPresent() ? "revoked" : "active",
                            InventoryCommand.text(entry.lastSeenAt(), "none yet"),
                            entry.agentVersion()));
        }

        private static Future<List<CollectorEntry>> all(Collectors collectors) {
            return more(collectors, CollectorPage.Cursor.START, new ArrayList<>());
        }

        private static Future<List<CollectorEntry>> more(
                Collectors collectors, CollectorPage.Cursor after, List<CollectorEntry> found) {
            return collectors.list(after, Collectors.PAGE_MAX).compose(page -> {
                found.addAll(page.collectors());
                return page.next()
                        .map(next -> more(collectors, next, found))
                        .orElseGet(() -> Future.succeededFuture(found));
            });
        }
    }

    /** Ends one's rights. */
    @Command(
            name = "revoke",
            description = "Makes every token of a collector void, within 5 s on every server, live sessions included.",
            mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private InventoryCommand common;

        @Parameters(paramLabel = "COLLECTOR", description = "Its id.")
        private UUID collector;

        @Option(names = "--reason", defaultValue = "", description = "For the audit.")
        private String reason;

        @Override
        public Integer call() {
            var revoked = common.inventory().ask(all -> all.revoke(collector, InventoryCommand.actor(), reason));
            return common.tell(shown(revoked), "revoked " + revoked.collector() + " (" + revoked.name() + ")");
        }
    }

    private static JsonObject shown(CollectorEntry entry) {
        return new JsonObject()
                .put("collector_id", entry.collector().toString())
                .put("name", entry.name())
                .put("agent_version", entry.agentVersion())
                .put("generation", entry.generation())
                .put("registered_at", entry.registeredAt().toString())
                .put("last_seen_at", entry.lastSeenAt().map(Object::toString).orElse(null))
                .put("revoked_at", entry.revokedAt().map(Object::toString).orElse(null));
    }
}

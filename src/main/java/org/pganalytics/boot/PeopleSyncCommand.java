package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import org.pganalytics.identity.PersonChange;
import org.pganalytics.identity.ldap.LdapSync;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Syncs people with the directory now, or tells what that would change. */
@Command(
        name = "sync",
        description =
                "Brings the directory's people up to date now, as the server does every identity.ldap.sync-every.",
        mixinStandardHelpOptions = true)
final class PeopleSyncCommand implements Callable<Integer> {
    @Mixin
    private InventoryCommand common;

    @Option(names = "--dry-run", description = "Only tell what would change.")
    private boolean dryRun;

    @Override
    public Integer call() {
        var report = common.inventory().syncPeople(dryRun, InventoryCommand.actor());
        return common.tell(json(report), text(report));
    }

    private JsonObject json(LdapSync.Report report) {
        return new JsonObject()
                .put("dry_run", dryRun)
                .put("changes", json(report.changes()))
                .put("held_back", json(report.heldBack()))
                .put("why", report.why().orElse(null))
                .put("passed_over", new JsonArray(report.passedOver()));
    }

    private static JsonArray json(List<PersonChange> changes) {
        var all = new JsonArray();
        changes.forEach(change -> all.add(new JsonObject()
                .put("change", change.kind().key())
                .put("name", change.name())
                .put("before", change.before())
                .put("role", change.role().key())));
        return all;
    }

    private String text(LdapSync.Report report) {
        var text = new StringBuilder();
        report.changes()
                .forEach(change ->
                        text.append(dryRun ? "would " : "did ").append(change).append('\n'));
        report.passedOver()
                .forEach(name -> text.append("passed over ").append(name).append('\n'));
        report.why().ifPresent(why -> text.append("disabled nobody, since %s; it would have been:%n".formatted(why)));
        report.heldBack().forEach(change -> text.append("  ").append(change).append('\n'));
        return text.isEmpty() ? "nothing to change" : text.toString().stripTrailing();
    }
}

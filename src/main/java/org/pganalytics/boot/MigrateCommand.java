package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.pganalytics.schema.Migrator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings the database to this version and ends. */
@Command(
        name = "migrate",
        description = "Brings the database to this version; `serve` does so too. Safe to run beside a server.",
        mixinStandardHelpOptions = true)
final class MigrateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(names = "--json", description = "Tell what was done as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        var migration = new RunningMigration(config.load());
        var outcome = migration.run();
        tell(outcome, migration.tier());
        return 0;
    }

    private void tell(Migrator.Outcome outcome, String tier) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new JsonObject()
                    .put("before", outcome.before())
                    .put("now", outcome.now())
                    .put("applied", new JsonArray(outcome.applied()))
                    .put("tier", tier)
                    .encode());
        } else {
            outcome.applied().forEach(step -> out.println("applied " + step));
            out.println("the database is at version " + outcome.now() + " (" + tier + ")");
        }
        out.flush();
    }
}

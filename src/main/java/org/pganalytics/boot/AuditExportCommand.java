package org.pganalytics.boot;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.pganalytics.audit.chain.ChainAudit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes the audit along. */
@Command(
        name = "export",
        description =
                "Writes the audit, its chain and its checkpoints to a file, which `audit verify --export` verifies"
                        + " anywhere. Overwrites nothing.",
        mixinStandardHelpOptions = true)
final class AuditExportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(names = "--file", paramLabel = "FILE", required = true, description = "Where it is written.")
    private Path file;

    @Override
    public Integer call() {
        long lines = new Inventory(config.load())
                .ask(
                        AuditCommand.LIMIT,
                        (vertx, pool) -> ChainAudit.export(vertx, pool, file).recover(AuditExportCommand::said));
        var out = spec.commandLine().getOut();
        out.println("%d lines in %s".formatted(lines, file));
        out.flush();
        return 0;
    }

    private static Future<Long> said(Throwable failure) {
        return Future.failedFuture(
                failure instanceof IOException
                        ? new CommandFailure("the file could not be written: " + failure)
                        : failure);
    }
}

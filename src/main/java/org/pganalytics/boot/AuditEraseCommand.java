package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.pganalytics.audit.chain.Erasure;
import org.pganalytics.audit.chain.Prover;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Forgets a person, and keeps what was done. */
@Command(
        name = "erase",
        description =
                "Erases a person's name and addresses from the audit, for good; what they did stays, and still verifies."
                        + " The erasure is audited itself.",
        mixinStandardHelpOptions = true)
final class AuditEraseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(
            names = "--person",
            paramLabel = "NAME",
            required = true,
            description = "As it stands in the events' actor or target, such as admin:alice.")
    private String person;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (person.isBlank() || person.equals("erased")) {
            throw new ParameterException(spec.commandLine(), "--person must be somebody who is not erased yet");
        }
        var settings = config.load();
        var prover = new Prover(Auditing.keyFile(settings).map(Auditing::read), new SecureRandom());
        long erased = new Inventory(settings)
                .ask(
                        AuditCommand.LIMIT,
                        (vertx, pool) ->
                                new Erasure(prover, Clock.systemUTC()).erase(pool, person, InventoryCommand.actor()));
        var out = spec.commandLine().getOut();
        out.println(json ? new JsonObject().put("events", erased).encode() : "erased from %d events".formatted(erased));
        out.flush();
        return 0;
    }
}

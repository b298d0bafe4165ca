package org.pganalytics.boot;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.pganalytics.fleet.RollOutStates;
import org.pganalytics.model.Labels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What operators call a collector beside its name. */
@Command(
        name = "label",
        description =
                "Sets the labels that operators give a collector, in place of those they gave before; they win over"
                        + " those of its own configuration.",
        mixinStandardHelpOptions = true)
final class LabelCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private InventoryCommand common;

    @Parameters(index = "0", paramLabel = "COLLECTOR", description = "Its id.")
    private UUID collector;

    @Parameters(index = "1..*", paramLabel = "KEY=VALUE", description = "The labels; without any, none are left.")
    private List<String> labels = List.of();

    @Override
    public Integer call() {
        try {
            var parsed = Labels.parse(labels);
            var inventory = common.inventory();
            var now = inventory.ask((vertx, pool) ->
                    new RollOutStates(pool, inventory.trail()).label(collector, parsed, InventoryCommand.actor()));
            return common.tell(now.json(), now.name() + " " + now.labels());
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
    }
}

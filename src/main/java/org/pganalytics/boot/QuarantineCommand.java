package org.pganalytics.boot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The batches whose content was refused for ever. */
@Command(
        name = "quarantine",
        description = "Lists and shows the batches whose content was refused, and replays or discards them.",
        mixinStandardHelpOptions = true)
final class QuarantineCommand implements Callable<Integer> {
    /** What is done. */
    enum Action {
        LIST("listQuarantine"),
        SHOW("showQuarantined"),
        REPLAY("replayQuarantined"),
        DISCARD("discardQuarantined");

        private final String operation;

        Action(String operation) {
            this.operation = operation;
        }
    }

    private static final List<String> SHOWN =
            List.of("id", "state", "refused_at", "fault", "rows", "collector_id", "detail");

    @Spec
    private CommandSpec spec;

    @Mixin
    private ApiCommand api;

    @Mixin
    private PageOption page;

    @Parameters(
            index = "0",
            arity = "0..1",
            defaultValue = "list",
            paramLabel = "ACTION",
            description = "list (the latest first), show, replay (stores the rows, once) or discard (drops the body).")
    private Action action;

    @Parameters(index = "1", arity = "0..1", paramLabel = "ID", description = "Which one to show, replay or discard.")
    private String batch;

    @Option(names = "--state", description = "List only those waiting, replayed or discarded.")
    private String state;

    @Option(names = "--collector", paramLabel = "ID", description = "List only those of this collector.")
    private String collector;

    @Option(names = "--fault", description = "List only those refused for this, such as UNKNOWN_FAMILY.")
    private String fault;

    @Override
    public Integer call() {
        if (action == Action.LIST) {
            return list();
        }
        if (batch == null) {
            throw new ParameterException(spec.commandLine(), "the ID of a batch is missing");
        }
        return api.tell(api.ask(action.operation, Map.of("batch", batch), Map.of()));
    }

    private int list() {
        var conditions = new HashMap<String, String>();
        conditions.put("state", state);
        conditions.put("collector", collector);
        conditions.put("fault", fault);
        return api.tell(api.ask(action.operation, Map.of(), page.with(conditions)), "batches", SHOWN);
    }
}

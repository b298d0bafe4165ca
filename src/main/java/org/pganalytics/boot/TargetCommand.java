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

/** The watched servers. */
@Command(
        name = "target",
        description = "Lists and shows the watched servers.",
        mixinStandardHelpOptions = true,
        subcommands = {TargetCommand.ListAll.class, TargetCommand.Show.class})
final class TargetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: list or show");
    }

    /** Lists them. */
    @Command(
            name = "list",
            description = "Lists the watched servers in the order in which they were first seen.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private ApiCommand api;

        @Mixin
        private PageOption page;

        @Option(names = "--collector", paramLabel = "ID", description = "Only those that this collector watches.")
        private String collector;

        @Option(names = "--name", description = "Only those called exactly so.")
        private String name;

        @Override
        public Integer call() {
            var conditions = new HashMap<String, String>();
            conditions.put("collector", collector);
            conditions.put("name", name);
            return api.tell(
                    api.ask("listTargets", Map.of(), page.with(conditions)),
                    "targets",
                    List.of("target_id", "name", "collector_name", "collector_id", "first_seen_at"));
        }
    }

    /** Shows one. */
    @Command(name = "show", description = "Shows a watched server.", mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin
        private ApiCommand api;

        @Parameters(paramLabel = "TARGET", description = "Its id.")
        private String target;

        @Override
        public Integer call() {
            return api.tell(api.ask("showTarget", Map.of("target", target), Map.of()));
        }
    }
}

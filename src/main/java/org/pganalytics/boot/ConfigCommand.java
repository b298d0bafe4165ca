package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.ConfigException;
import org.pganalytics.config.EnvironmentNames;
import org.pganalytics.config.Problem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be asked of a configuration without starting anything. */
@Command(
        name = "config",
        description = "Looks at configurations.",
        mixinStandardHelpOptions = true,
        subcommands = ConfigCommand.Check.class)
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: check");
    }

    /** Tells everything that is wrong. */
    @Command(
            name = "check",
            description = "Tells everything wrong in a configuration: file, line, key, what was found, what is allowed."
                    + " The files of certificates and keys that a server's names are read, too.",
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOption config;

        @Option(
                names = "--collector",
                paramLabel = "FILE",
                description = "Check this collector's configuration instead.")
        private Path collector;

        @Option(names = "--json", description = "Tell the problems as one JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            var problems = problems();
            var warnings = EnvironmentNames.warnings(System.getenv());
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                var list = new JsonArray();
                problems.forEach(problem -> list.add(new JsonObject()
                        .put("file", problem.file())
                        .put("line", problem.line())
                        .put("key", problem.key())
                        .put("found", problem.found())
                        .put("allowed", problem.allowed())));
                out.println(new JsonObject()
                        .put("ok", problems.isEmpty())
                        .put("problems", list)
                        .put("warnings", new JsonArray(warnings))
                        .encode());
            } else {
                problems.forEach(out::println);
                warnings.forEach(warning -> out.println("warning: " + warning));
                out.println(
                        problems.isEmpty()
                                ? "the configuration is good"
                                : problems.size() + (problems.size() == 1 ? " problem" : " problems"));
            }
            out.flush();
            return problems.isEmpty() ? 0 : 1;
        }

        private List<Problem> problems() {
            try {
                if (collector != null) {
                    CollectorConfigFile.load(collector, System.getenv());
                } else {
                    config.check();
                }
                return List.of();
            } catch (ConfigException wrong) {
                return wrong.problems();
            }
        }
    }
}

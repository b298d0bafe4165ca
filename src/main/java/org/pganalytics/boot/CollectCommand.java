package org.pganalytics.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.ConfigException;
import org.pganalytics.config.EnvironmentNames;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.config.HomeDirectory;
import org.pganalytics.model.MetricFamily;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the agent until it is told to stop. */
@Command(
        name = "collect",
        description = "Runs the agent: watches PostgreSQL servers, keeps what it saw on disk until a server has"
                + " acknowledged it. SIGTERM ends it; what was not sent stays in the spool. SIGHUP reads targets,"
                + " families and everything else again.",
        mixinStandardHelpOptions = true)
final class CollectCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(CollectCommand.class);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The collector's configuration, HOCON. Default: conf/collector.conf where there is one.")
    private Path file;

    @Option(
            names = "--families",
            paramLabel = "DIR",
            description = "Declarations of the metric families. Default: conf/families.")
    private Path families;

    @Option(
            names = "--check",
            description = "Collect nothing: try every target and tell what is wrong with it, with the remedy."
                    + " Exits with 1 when collecting does not work: no connection, no pg_monitor, nothing for that version."
                    + " What is only less to see is a warning.")
    private boolean check;

    @Option(names = "--json", description = "With --check: tell the findings as one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (check) {
            var out = spec.commandLine().getOut();
            return new CollectCheck(config(), families()).run(out, json) ? 0 : 1;
        }
        if (json) {
            throw new ParameterException(spec.commandLine(), "--json goes with --check only");
        }
        Logging.format(CollectorConfigFile.logFormat(chosen(), System.getenv()));
        var running = new RunningAgent();
        running.start(config(), families());
        UnixSignal.on("HUP", () -> reload(running));
        running.untilStopped();
        return 0;
    }

    private void reload(RunningAgent running) {
        try {
            running.replace(config(), families());
        } catch (ConfigException wrong) {
            LOG.error("reload: nothing was changed, the configuration is wrong: {}", wrong.getMessage());
        }
    }

    private Path chosen() {
        var usual = HomeDirectory.resolve("conf/collector.conf");
        return file != null ? file : Files.exists(usual) ? usual : null;
    }

    private CollectorConfig config() {
        var chosen = chosen();
        EnvironmentNames.warnings(System.getenv()).forEach(LOG::warn);
        var config = CollectorConfigFile.load(chosen, System.getenv());
        if (config.targets().isEmpty()) {
            LOG.warn("there is no target in {}: nothing will be collected", chosen);
        }
        return config;
    }

    private List<MetricFamily> families() {
        return FamilyFiles.load(families == null ? HomeDirectory.resolve("conf/families") : families);
    }
}

package org.pganalytics.boot;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.pganalytics.collector.load.LoadConfig;
import org.pganalytics.collector.load.LoadDatabase;
import org.pganalytics.collector.load.LoadReport;
import org.pganalytics.collector.load.LoadRun;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.config.HomeDirectory;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.MetricFamily;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends what a fleet would send, and can prove what became of it. */
@Command(
        name = "load",
        description = "Simulates a fleet of collectors against a server; exit code 1 when anything was lost, missing or"
                + " doubled. SIGINT or SIGTERM ends it early, with its report. Use it on servers of your own only.",
        mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {
    private static final Duration VERIFY_MAX = Duration.ofHours(2);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(
            names = "--server",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The server, and its port for the mode.")
    private String server;

    @Option(
            names = "--registration-secret",
            paramLabel = "SECRET",
            defaultValue = "${env:PGANALYTICS_REGISTRATION_SECRET}",
            description = "Lets the simulated collectors in. Default: PGANALYTICS_REGISTRATION_SECRET.")
    private String secret;

    @Option(
            names = "--collectors",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many; default ${DEFAULT-VALUE}.")
    private int collectors;

    @Option(
            names = "--targets",
            paramLabel = "T",
            defaultValue = "1",
            description = "Watched by each; default ${DEFAULT-VALUE}.")
    private int targets;

    @Option(
            names = "--interval",
            paramLabel = "S",
            defaultValue = "10",
            converter = Seconds.class,
            description = "Seconds between two observations of a target; default ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "60",
            converter = Seconds.class,
            description = "Seconds to observe for; default ${DEFAULT-VALUE}.")
    private Duration duration;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "tcp",
            description = "tcp, http2 or json; default ${DEFAULT-VALUE}.")
    private String mode;

    @Option(
            names = "--families",
            paramLabel = "F,F",
            split = ",",
            description = "Observe these alone; default all that agents collect.")
    private List<String> families = List.of();

    @Option(
            names = "--gaps-over",
            paramLabel = "S",
            defaultValue = "3600",
            converter = Seconds.class,
            description = "List in the JSON report when a collector got no ack for more seconds than these.")
    private Duration gapsOver;

    @Option(names = "--json", description = "Report as one JSON object on one line.")
    private boolean json;

    @Option(names = "--verify", description = "Compare the database's content with what was acknowledged.")
    private boolean verify;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = "libpq URI to compare with; without a password that is looked up in database.passfile."
                    + " Default: the embedded database of <data.dir>/ports.json.")
    private String databaseUrl;

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            description = "Where the journal goes; default a new temporary directory.")
    private Path journal;

    @Override
    public Integer call() throws IOException {
        var load = settings();
        var vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        try {
            var limit = load.duration().plus(load.settleMax()).plus(VERIFY_MAX);
            var run = new LoadRun(vertx, load, observed());
            UnixSignal.on("INT", run::finish);
            UnixSignal.on("TERM", run::finish);
            var report = Await.result(run.run(), limit, "the load");
            tell(report);
            return report.clean() ? 0 : 1;
        } finally {
            Await.result(vertx.close(), Duration.ofSeconds(30), "closing");
        }
    }

    private LoadConfig settings() throws IOException {
        int colon = server.lastIndexOf(':');
        if (colon < 1 || !server.substring(colon + 1).matches("\\d{1,5}")) {
            throw usage("--server = '%s' must be HOST:PORT".formatted(server));
        }
        if (secret == null || secret.isEmpty()) {
            throw usage("--registration-secret is missing; PGANALYTICS_REGISTRATION_SECRET is not set either");
        }
        var directory = journal == null ? Files.createTempDirectory("pganalytics-load") : journal;
        try {
            var plain = LoadConfig.of(
                            server.substring(0, colon),
                            Integer.parseInt(server.substring(colon + 1)),
                            LoadConfig.Mode.of(mode),
                            secret,
                            directory)
                    .withFleet(collectors, targets, interval, duration)
                    .listingGapsOver(gapsOver);
            return verify ? plain.verifiedBy(database()) : plain;
        } catch (FaultException wrong) {
            throw usage(wrong.getMessage());
        }
    }

    private List<MetricFamily> observed() {
        var known = FamilyFiles.load(HomeDirectory.resolve("conf/families"));
        var unknown = families.stream()
                .filter(name -> known.stream().noneMatch(family -> family.name().equals(name)))
                .toList();
        if (!unknown.isEmpty()) {
            throw usage("--families: there is no family %s".formatted(String.join(", ", unknown)));
        }
        return known.stream()
                .filter(family -> families.isEmpty() || families.contains(family.name()))
                .toList();
    }

    private LoadDatabase database() throws IOException {
        return databaseUrl != null
                ? new LoadDatabase(databaseUrl, config.load().database().passfile())
                : LoadDatabase.from(config.load().dataDirectory().resolve("ports.json"));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void tell(LoadReport report) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.toJson() : report.toText());
        out.flush();
    }
}

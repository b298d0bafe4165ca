package org.pganalytics.boot;

import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.pganalytics.identity.PersonCodes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the server until it is told to stop. */
@Command(
        name = "serve",
        description =
                "Runs the server; without database.url on an embedded PostgreSQL under data.dir. SIGTERM drains and"
                        + " ends it, SIGHUP reads the configuration again.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Override
    public Integer call() {
        Logging.format(config.logFormat());
        var server = RunningServer.start(config.loadWithCertificates());
        server.server().first().adminToken().ifPresent(this::tell);
        server.server().first().adminCode().ifPresent(this::tell);
        server.reloadOn("HUP", config::load);
        server.stopOn("TERM");
        return server.untilStopped() ? 0 : 1;
    }

    private void tell(PersonCodes.Code code) {
        var out = spec.commandLine().getOut();
        out.printf(
                "code of the first admin, shown this once, good until %s; docs/security.md says how to redeem it: %s%n",
                code.endsAt().truncatedTo(ChronoUnit.SECONDS), code.text());
        out.flush();
    }

    private void tell(String token) {
        var out = spec.commandLine().getOut();
        out.println("admin token of the API, shown this once; './pganalytics admin-token' makes others: " + token);
        out.flush();
    }
}

package org.pganalytics.boot;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the server until it is told to stop. */
@Command(
        name = "serve",
        description =
                "Runs the server; without database.url on an embedded PostgreSQL under data.dir. SIGTERM drains and"
                        + " ends it, SIGHUP reads the configuration again.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config;

    @Override
    public Integer call() {
        var server = RunningServer.start(config.load());
        server.reloadOn("HUP", config::load);
        server.untilStopped();
        return 0;
    }
}

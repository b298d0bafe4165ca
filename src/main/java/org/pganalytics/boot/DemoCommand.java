package org.pganalytics.boot;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.pganalytics.fault.Fault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Everything at once, on a machine with nothing but Java. */
@Command(
        name = "demo",
        description =
                "Runs the server on an embedded PostgreSQL, and a collector that watches it under a small workload."
                        + " Ctrl-C ends all of it; the data stays.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Override
    public Integer call() {
        Logging.format(config.logFormat());
        var settings = config.loadWithCertificates();
        if (!settings.database().isEmbedded()) {
            throw Fault.BAD_REQUEST.because("the demo runs on an embedded database: leave database.url empty");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("starting; the first start unpacks PostgreSQL and makes its data folder ...");
        out.flush();
        return new Demo(settings, out).run() ? 0 : 1;
    }
}

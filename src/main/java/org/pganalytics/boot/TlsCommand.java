package org.pganalytics.boot;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.pganalytics.tls.NewAuthority;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What has to do with certificates. */
@Command(
        name = "tls",
        description = "Makes what certificates of collectors need.",
        mixinStandardHelpOptions = true,
        subcommands = TlsCommand.Ca.class)
final class TlsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: ca");
    }

    /** The authority that certifies collectors. */
    @Command(
            name = "ca",
            description = "The authority that certifies collectors.",
            mixinStandardHelpOptions = true,
            subcommands = Create.class)
    static final class Ca implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "a command is missing: create");
        }
    }

    /** No server makes one by itself: two servers would make two, and take each other's collectors for strangers. */
    @Command(
            name = "create",
            description = "Makes the authority's certificate and its key, which only its owner may read; overwrites"
                    + " nothing. Put both files on every server, and name them in tls.ca.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(
                names = "--certificate",
                paramLabel = "FILE",
                required = true,
                description = "Where the certificate is written.")
        private Path certificate;

        @Option(names = "--key", paramLabel = "FILE", required = true, description = "Where the key is written.")
        private Path key;

        @Option(
                names = "--name",
                defaultValue = "pgAnalytics collectors",
                description = "What it is called; default ${DEFAULT-VALUE}.")
        private String name;

        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "3650",
                description = "How long it holds; default ${DEFAULT-VALUE}.")
        private int days;

        @Override
        public Integer call() {
            if (days < 1 || days > 36_500) {
                throw new ParameterException(spec.commandLine(), "--days must be 1 to 36500");
            }
            if (name.isBlank() || name.length() > 64) {
                throw new ParameterException(spec.commandLine(), "--name must have 1 to 64 characters");
            }
            try {
                NewAuthority.write(certificate, key, name, Duration.ofDays(days), Clock.systemUTC());
            } catch (IOException e) {
                throw new CommandFailure("the authority could not be written: " + e.getMessage());
            }
            var out = spec.commandLine().getOut();
            out.println("tls.ca { certificate = \"%s\", key = \"%s\" }"
                    .formatted(certificate.toAbsolutePath(), key.toAbsolutePath()));
            out.flush();
            return 0;
        }
    }
}

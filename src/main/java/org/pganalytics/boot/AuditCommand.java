package org.pganalytics.boot;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.pganalytics.audit.chain.AuditKeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The audit and what proves it. */
@Command(
        name = "audit",
        description =
                "Verifies that nobody bent the audit, takes it along in a file, reports what it says, erases people"
                        + " from it, and makes its keys.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AuditVerifyCommand.class,
            AuditExportCommand.class,
            AuditEraseCommand.class,
            AuditReportCommand.class,
            AuditCommand.Key.class
        })
final class AuditCommand implements Runnable {
    /** A large audit takes its time. */
    static final Duration LIMIT = Duration.ofHours(6);

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: verify, export, report, erase or key");
    }

    /** The keys. */
    @Command(
            name = "key",
            description = "The keys that prove the audit.",
            mixinStandardHelpOptions = true,
            subcommands = KeyCreate.class)
    static final class Key implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "a command is missing: create");
        }
    }

    /** Makes them. */
    @Command(
            name = "create",
            description =
                    "Makes the file with the audit's keys, which only its owner may read; overwrites nothing. Put it on"
                            + " every server, name it in audit.key-file, and keep a copy apart from the database's backups.",
            mixinStandardHelpOptions = true)
    static final class KeyCreate implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--file", paramLabel = "FILE", required = true, description = "Where it is written.")
        private Path file;

        @Override
        public Integer call() {
            try {
                AuditKeyFile.create(file, new SecureRandom());
            } catch (IOException e) {
                throw new CommandFailure("the keys could not be written: " + e.getMessage());
            }
            var out = spec.commandLine().getOut();
            out.println("audit.key-file = \"%s\"".formatted(file.toAbsolutePath()));
            out.flush();
            return 0;
        }
    }
}

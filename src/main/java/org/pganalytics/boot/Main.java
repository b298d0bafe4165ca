package org.pganalytics.boot;

import org.pganalytics.config.ConfigException;
import org.pganalytics.fault.FaultException;
import org.pganalytics.fault.WrongValueException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 ok, 1 failed, 2 usage. */
@Command(
        name = "pganalytics",
        description = "Takes what collectors see of PostgreSQL servers and keeps every row it acknowledged.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ok", "1:failed", "2:wrong usage"},
        subcommands = {
            ServeCommand.class,
            CollectCommand.class,
            DemoCommand.class,
            LoadCommand.class,
            MigrateCommand.class,
            ConfigCommand.class,
            TlsCommand.class,
            CollectorCommand.class,
            ProfileCommand.class,
            SecretCommand.class,
            AdminTokenCommand.class,
            ApiTokenCommand.class,
            PeopleCommand.class,
            TargetCommand.class,
            QuarantineCommand.class,
            CardinalityCommand.class,
            AuditCommand.class,
            KeysCommand.class,
            RowsCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        // Of JDK 22 and later a pipe would be a console too.
        System.setProperty("jdk.console", "java.base");
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        int code = commandLine().execute(args);
        System.exit(code);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(Main::failed)
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Says what a person can do something about; anything else with its trace, since it is a bug. */
    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        if (failure instanceof CommandFailure
                || failure instanceof ConfigException
                || failure instanceof WrongValueException
                || failure instanceof FaultException) {
            command.getErr().println("pganalytics: " + failure.getMessage());
        } else {
            failure.printStackTrace(command.getErr());
        }
        return 1;
    }
}

package org.pganalytics.boot;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The keys under which secrets in the database are sealed. */
@Command(
        name = "keys",
        description = "The keys under which secrets in the database are sealed.",
        mixinStandardHelpOptions = true,
        subcommands = KeysCommand.Create.class)
final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: create");
    }

    /** Makes them. */
    @Command(
            name = "create",
            description =
                    "Makes a file with one new key, which only its owner may read; overwrites nothing. Put it on every server,"
                            + " name it in secrets.keys-file, and keep a copy apart from the database's backups.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--file", paramLabel = "FILE", required = true, description = "Where it is written.")
        private Path file;

        @Override
        public Integer call() {
            SealKeys.create(file);
            var out = spec.commandLine().getOut();
            out.println("secrets.keys-file = \"%s\"".formatted(file.toAbsolutePath()));
            out.flush();
            return 0;
        }
    }
}

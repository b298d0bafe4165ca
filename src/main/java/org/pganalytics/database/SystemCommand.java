package org.pganalytics.database;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pganalytics.fault.Fault;

/** Runs programs of PostgreSQL and of the system; blocking, for worker threads only. */
final class SystemCommand {
    private static final Duration SHORT = Duration.ofSeconds(10);

    private SystemCommand() {}

    /** Runs to its end. @return what it printed; fails when it did not exit with 0 in time */
    static String run(List<String> command, Path directory, Duration timeout) {
        Path output = null;
        try {
            output = Files.createTempFile(directory, "command", ".out");
            var process =
                    builder(command, directory).redirectOutput(output.toFile()).start();
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw Fault.STORE_DOWN.because("%s did not end within %s".formatted(command.get(0), timeout));
            }
            var printed = Files.readString(output).strip();
            if (process.exitValue() != 0) {
                throw Fault.STORE_DOWN.because("%s failed: %s".formatted(String.join(" ", command), printed));
            }
            return printed;
        } catch (IOException e) {
            throw Fault.STORE_DOWN.because("%s could not be run: %s".formatted(command.get(0), e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.STORE_DOWN.because("interrupted while %s ran".formatted(command.get(0)), e);
        } finally {
            delete(output);
        }
    }

    /** A process with an environment of its own: no PG* variable of ours may lead it astray. */
    static ProcessBuilder builder(List<String> command, Path directory) {
        var builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> !name.equals("PATH") && !name.equals("HOME"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Sends a signal by its name, such as {@code INT}; a process that is gone is no error. */
    static void signal(long pid, String name, Path directory) {
        run(
                List.of("sh", "-c", "kill -%s %d 2>/dev/null || ! kill -0 %d 2>/dev/null".formatted(name, pid, pid)),
                directory,
                SHORT);
    }

    /**
     * What to put before a program of PostgreSQL, which refuses to run as root: in a user namespace of its own, root is
     * nobody in particular and still owns its files.
     */
    static List<String> asNobodySpecial(Path directory) {
        if (new UnixSystem().getUid() != 0) {
            return List.of();
        }
        var prefix = List.of("unshare", "-U");
        try {
            var probe = new ArrayList<>(prefix);
            probe.add("true");
            run(probe, directory, SHORT);
            return prefix;
        } catch (RuntimeException e) {
            throw Fault.STORE_DOWN.because(
                    "PostgreSQL does not run as root, and this system gives no user namespaces (unshare -U):"
                            + " start as another user, or set database.url",
                    e);
        }
    }

    /** Puts the program into a session of its own, so that a Ctrl-C meant for us does not reach it. */
    static List<String> inOwnSession() {
        return Files.isExecutable(Path.of("/usr/bin/setsid")) || Files.isExecutable(Path.of("/bin/setsid"))
                ? List.of("setsid")
                : List.of();
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw Fault.STORE_DOWN.because("cannot delete " + file, e);
        }
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.database.TestDatabase;

/** Runs commands in this process that ask a database. */
final class BesideDatabase {
    private final Path config;

    BesideDatabase(TestDatabase database, Path folder) throws IOException {
        this(database, folder, "");
    }

    /** @param more lines of the configuration */
    BesideDatabase(TestDatabase database, Path folder, String more) throws IOException {
        var address = database.address();
        config = Files.writeString(
                folder.resolve("pganalytics.conf"),
                "data.dir = \"%s\"%ndatabase.url = \"%s\"%ndatabase.password = \"%s\"%n%s%n"
                        .formatted(folder, address.url(), address.password(), more));
    }

    /** What the command said, on either stream. @param code it must end with */
    String run(int code, String... arguments) {
        var out = new StringWriter();
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", config.toString()));
        var command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertEquals(code, command.execute(all.toArray(String[]::new)), out::toString);
        return out.toString();
    }
}

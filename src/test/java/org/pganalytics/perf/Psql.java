package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The database by its own client. */
record Psql(String url, Path passfile) {

    /** The result without head and alignment. */
    String query(String sql) throws IOException, InterruptedException {
        return Commands.finish(start(sql));
    }

    long number(String sql) throws IOException, InterruptedException {
        return Long.parseLong(query(sql));
    }

    /** One statement, or one of psql's own commands. */
    Process start(String command) throws IOException {
        return Commands.start(
                Map.of("PGPASSFILE", passfile.toString()),
                List.of("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", command));
    }
}

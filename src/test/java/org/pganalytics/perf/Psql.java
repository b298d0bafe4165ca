package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The database by its own client. */
record Psql(String url, Path passfile) {

    /**
     * Each a transaction, one after the other.
     *
     * @param commands statements, or psql's own
     * @return their results without heads and alignment
     */
    String query(String... commands) throws IOException, InterruptedException {
        var all = command();
        for (var one : commands) {
            all.add("-c");
            all.add(one);
        }
        return Commands.run(environment(), all);
    }

    long number(String sql) throws IOException, InterruptedException {
        return Long.parseLong(query(sql));
    }

    /** Which stays, and does what it is told. */
    PsqlSession open(Workplace workplace) throws IOException {
        var complaints = workplace.folder().resolve("psql.err").toFile();
        var builder = new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.appendTo(complaints));
        builder.environment().putAll(environment());
        return new PsqlSession(workplace, builder);
    }

    private Map<String, String> environment() {
        return Map.of("PGPASSFILE", passfile.toString());
    }

    private List<String> command() {
        return new ArrayList<>(List.of("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url));
    }
}

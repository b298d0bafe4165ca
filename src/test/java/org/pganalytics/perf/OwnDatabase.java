package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;

/** A database of our own with TimescaleDB on somebody's server, for as long as something is measured. */
final class OwnDatabase implements AutoCloseable {
    private static final Path NO_PASSFILE = Path.of("/dev/null");

    private final Psql superuser;
    private final Psql psql;
    private final String name;

    private OwnDatabase(Psql superuser, Psql psql, String name) {
        this.superuser = superuser;
        this.psql = psql;
        this.name = name;
    }

    /** @param url of a superuser, with its password @param purpose what its name begins with */
    static OwnDatabase create(String url, String purpose) throws IOException, InterruptedException {
        var name = purpose + "_" + ProcessHandle.current().pid();
        var superuser = new Psql(url, NO_PASSFILE);
        superuser.query("CREATE DATABASE " + name);
        var own = new OwnDatabase(superuser, new Psql(url.replaceFirst("/[^/]*$", "/" + name), NO_PASSFILE), name);
        try {
            own.psql.query("CREATE EXTENSION IF NOT EXISTS timescaledb");
            return own;
        } catch (IOException | InterruptedException failure) {
            own.close();
            throw failure;
        }
    }

    Psql psql() {
        return psql;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        superuser.query("DROP DATABASE %s WITH (FORCE)".formatted(name));
    }
}

package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code psql}'s COPY of the rows that a table has into the same table, over connections that are open all the time. */
final class CopyYardstick implements AutoCloseable {
    private final String table;
    private final List<PsqlSession> sessions = new ArrayList<>();
    private final List<Path> dumps = new ArrayList<>();

    /** @param folder for the rows, in a file for each connection */
    CopyYardstick(ServerProcess server, String table, int connections, Path folder)
            throws IOException, InterruptedException {
        this.table = table;
        try {
            for (int part = 0; part < connections; part++) {
                var file = folder.resolve("rows-%d.copy".formatted(part));
                server.psql()
                        .query("\\copy (SELECT * FROM %s WHERE target_id %% %d = %d) TO '%s' (FORMAT binary)"
                                .formatted(table, connections, part, file));
                dumps.add(file);
                sessions.add(server.openPsql());
            }
        } catch (IOException | InterruptedException failure) {
            close();
            throw failure;
        }
    }

    /** Signed in, and with what the table's catalog says in memory: emptying a table makes them all look again. */
    void ready() throws IOException, InterruptedException {
        for (var session : sessions) {
            session.tell("SELECT count(*) FROM %s;".formatted(table));
        }
        awaitAll();
    }

    /** All at once. @return seconds from the first one's being told to the last one's answer */
    double copy() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        for (int part = 0; part < sessions.size(); part++) {
            sessions.get(part).tell("\\copy %s FROM '%s' (FORMAT binary)".formatted(table, dumps.get(part)));
        }
        awaitAll();
        return (System.nanoTime() - begun) / 1e9;
    }

    private void awaitAll() throws IOException, InterruptedException {
        for (var session : sessions) {
            session.await();
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (var session : sessions) {
            session.close();
        }
    }
}

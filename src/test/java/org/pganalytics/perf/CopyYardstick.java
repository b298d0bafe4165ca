package org.pganalytics.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code psql}'s COPY of the rows that a table has, over connections that are open all the time. */
final class CopyYardstick implements AutoCloseable {
    private final String into;
    private final List<PsqlSession> sessions = new ArrayList<>();
    private final List<Path> dumps = new ArrayList<>();

    /** @param from the table that has the rows now @param into the one that they are to be written into, which may be it */
    CopyYardstick(Psql psql, Workplace workplace, String from, String into, int connections)
            throws IOException, InterruptedException {
        this.into = into;
        try {
            for (int part = 0; part < connections; part++) {
                var file = workplace.folder().resolve("%s-%d.copy".formatted(into, part));
                psql.query("\\copy (SELECT * FROM %s WHERE target_id %% %d = %d) TO '%s' (FORMAT binary)"
                        .formatted(from, connections, part, file));
                dumps.add(file);
                sessions.add(psql.open(workplace));
            }
        } catch (IOException | InterruptedException failure) {
            close();
            throw failure;
        }
    }

    /** Each of the connections. @param setting a statement */
    void set(String setting) throws IOException, InterruptedException {
        for (var session : sessions) {
            session.tell(setting + ";");
        }
        awaitAll();
    }

    /** Signed in, and with what the table's catalog says in memory: emptying a table makes them all look again. */
    void ready() throws IOException, InterruptedException {
        for (var session : sessions) {
            session.tell("SELECT count(*) FROM %s;".formatted(into));
        }
        awaitAll();
    }

    /** All at once. @return seconds from the first one's being told to the last one's answer */
    double copy() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        for (int part = 0; part < sessions.size(); part++) {
            sessions.get(part).tell("\\copy %s FROM '%s' (FORMAT binary)".formatted(into, dumps.get(part)));
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

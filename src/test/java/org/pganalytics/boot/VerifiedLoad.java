package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/** A fleet that sends for a while, and then looks into the database for what was acknowledged. */
final class VerifiedLoad implements AutoCloseable {
    private final Program program;

    private VerifiedLoad(Program program) {
        this.program = program;
    }

    /** What became of it. @param code with which it ended; @param lost rows that the collectors themselves gave up */
    record Outcome(int code, long rowsMissing, long rowsDuplicated, long lost) {
        static final Outcome ALL_THERE_ONCE = new Outcome(0, 0, 0, 0);
    }

    /** @param arguments besides, of {@code load}; without an interval among them each collector sends once a second */
    static VerifiedLoad start(Path data, Map<String, String> environment, String... arguments) throws IOException {
        var everySecond = Stream.of(arguments).anyMatch(one -> one.startsWith("--interval="))
                ? Stream.<String>of()
                : Stream.of("--interval=1");
        var all = Stream.concat(
                Stream.of("load", "--json", "--verify"), Stream.concat(everySecond, Stream.of(arguments)));
        return new VerifiedLoad(Program.start(data, environment, all.toArray(String[]::new)));
    }

    /** Ten collectors over TCP for 25 s. @param more arguments */
    static VerifiedLoad overTcp(
            Path data, Map<String, String> environment, Program server, String secret, String... more)
            throws IOException {
        var all = Stream.of(
                "--server=127.0.0.1:" + server.port("tcp"),
                "--registration-secret=" + secret,
                "--collectors=10",
                "--targets=1",
                "--duration=25",
                "--mode=tcp");
        return start(data, environment, Stream.concat(all, Stream.of(more)).toArray(String[]::new));
    }

    /** When it has ended. */
    Outcome outcome(Duration limit) throws IOException, InterruptedException {
        int code = program.waitFor(limit);
        var said = report();
        return new Outcome(code, said.getLong("rows_missing"), said.getLong("rows_duplicated"), said.getLong("lost"));
    }

    /** Observes no more; settles, compares and reports. Not by SIGINT, which what runs in the background ignores. */
    void finish() throws IOException, InterruptedException {
        program.signal("TERM");
    }

    /** All that it reports, when it has ended. */
    JsonObject report(Duration limit) throws IOException, InterruptedException {
        program.waitFor(limit);
        return report();
    }

    long rowsAcked() throws IOException {
        return report().getLong("rows_acked");
    }

    boolean isAlive() {
        return program.process().isAlive();
    }

    /** Its report, for who reads of a failure. */
    String said() {
        try {
            return report().encode();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private JsonObject report() throws IOException {
        return program.json();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        program.close();
    }
}

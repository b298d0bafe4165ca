package org.pganalytics.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@code psql} that is signed in, and does what it is told: neither its start nor its end is in what is timed. */
final class PsqlSession implements AutoCloseable {
    private static final int LIMIT_SECONDS = 300;
    private static final String DONE = "done";
    private static final String ENDED = "ended";

    private final Workplace workplace;
    private final ProcessBuilder builder;
    private final Process process;
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    /** @param builder of the process, whose errors go to a file */
    PsqlSession(Workplace workplace, ProcessBuilder builder) throws IOException {
        this.workplace = workplace;
        this.builder = builder;
        process = workplace.keep(builder.start());
        var reader = new Thread(() -> listen(process.inputReader(StandardCharsets.UTF_8)), "psql");
        reader.setDaemon(true);
        reader.start();
    }

    private void listen(BufferedReader answers) {
        try {
            answers.lines().filter(DONE::equals).forEach(events::add);
        } catch (UncheckedIOException closed) {
            // Said below: it has ended.
        }
        events.add(ENDED);
    }

    /** Goes on at once. @param command a statement with its semicolon, or one of psql's own */
    void tell(String command) throws IOException {
        var line = "%s%n\\echo %s%n".formatted(command, DONE);
        var orders = process.getOutputStream();
        orders.write(line.getBytes(StandardCharsets.UTF_8));
        orders.flush();
    }

    /** Until it has done what it was told last; one that failed ends. */
    void await() throws IOException, InterruptedException {
        var event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new IOException("psql had not done in %d s what it was told".formatted(LIMIT_SECONDS));
        }
        if (event.equals(ENDED)) {
            throw new IOException("psql failed: "
                    + Files.readString(builder.redirectError().file().toPath()).strip());
        }
    }

    @Override
    public void close() throws InterruptedException {
        workplace.stop(process);
    }
}

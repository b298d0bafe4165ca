package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A SIGTERM that comes while the server is still starting. */
class StartEndedIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    /** 128 and the signal's number, as for every program that a signal ended. */
    private static final int TERMINATED = 143;

    private static final Pattern TRACE = Pattern.compile("(?m)^\\s+at |Exception|ERROR|WARN");

    private static Path data;

    /** How far the start has come: the first start, which has most to do, and two later ones. */
    enum Moment {
        DATABASE_BEING_MADE(server -> Files.exists(server.data().resolve("postgres"))),
        DATABASE_STARTED(server -> said(server, "EmbeddedPostgres embedded PostgreSQL")),
        LEADING(server -> said(server, "Leadership this server leads"));

        private final Predicate<Program> reached;

        Moment(Predicate<Program> reached) {
            this.reached = reached;
        }

        private static boolean said(Program server, String text) {
            try {
                return server.output().contains(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @BeforeAll
    static void folder() throws IOException {
        data = Program.folder("ended");
    }

    @ParameterizedTest
    @EnumSource
    void itEndsWithoutATraceAndLeavesNothingBehind(Moment moment) throws Exception {
        try (var server = Program.start(data, Map.of(), "serve")) {
            Awaitility.await(moment.name())
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> moment.reached.test(server));

            server.signal("TERM");

            assertEquals(TERMINATED, server.waitFor(LIMIT));
            var output = server.output();
            assertFalse(TRACE.matcher(output).find(), output);
            assertTrue(output.lines().reduce("", (before, line) -> line).contains("RunningServer stopped"), output);
            assertFalse(Files.exists(data.resolve("postgres/data/postmaster.pid")), "the embedded PostgreSQL runs on");
            assertFalse(Files.exists(data.resolve("ports.json")));
        }
    }
}

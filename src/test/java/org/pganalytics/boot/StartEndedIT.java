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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A SIGTERM that comes while a server, a migration or an agent is still starting. */
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
            var oddities =
                    output.replaceAll(".* WARN .* made the keys (of the audit|for secrets in the database) in .*", "");
            assertFalse(TRACE.matcher(oddities).find(), output);
            assertTrue(output.lines().reduce("", (before, line) -> line).contains("RunningServer stopped"), output);
            assertFalse(Files.exists(data.resolve("postgres/data/postmaster.pid")), "the embedded PostgreSQL runs on");
            assertFalse(Files.exists(data.resolve("ports.json")));
        }
    }

    @Test
    void aMigrationLeavesNoDatabaseServerBehind() throws Exception {
        var migrated = Program.folder("migration-ended");
        var postmaster = migrated.resolve("postgres/data/postmaster.pid");
        try (var migration = Program.start(migrated, Map.of(), "migrate")) {
            Awaitility.await("a database server starts").atMost(LIMIT).until(() -> Files.exists(postmaster));

            migration.signal("TERM");

            assertEquals(TERMINATED, migration.waitFor(LIMIT));
            var output = migration.output();
            assertFalse(TRACE.matcher(output).find(), output);
            assertFalse(Files.exists(postmaster), "the embedded PostgreSQL runs on");
        }
    }

    @Test
    void anAgentEndsWithoutATrace() throws Exception {
        var state = Program.folder("agent-ended");
        var config = Files.writeString(Files.createTempFile("agent", ".conf"), """
                name = "ended"
                state.dir = "%s"
                registration.secret = "not-asked-for-here"
                servers = [ { host = "127.0.0.1", tcp-port = 1 } ]
                targets = [ { name = "none", host = "127.0.0.1", port = 1, user = "u", password = "p", database = "d" } ]
                """.formatted(state));
        try (var agent = Program.start(state, Map.of(), "collect", "-c", config.toString())) {
            Awaitility.await("its spool is opened")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> Files.exists(state));

            agent.signal("TERM");

            assertEquals(TERMINATED, agent.waitFor(LIMIT));
            var output = agent.output();
            assertFalse(output.contains("Exception") || output.contains("ERROR"), output);
        }
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** The audit as those who run servers keep, verify and take it along. */
class AuditCommandIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private Path families;

    /** One family: these tests are not about tables. */
    @BeforeEach
    void declare() throws IOException {
        families = Files.createDirectory(folder.resolve("families"));
        Files.copy(Path.of("conf/families/pg_locks.conf"), families.resolve("pg_locks.conf"));
    }

    private Map<String, String> audit(Path keys, Path checkpoints) {
        return Map.of(
                "PGANALYTICS_FAMILIES_DIR",
                families.toString(),
                "PGANALYTICS_AUDIT_KEY_FILE",
                keys.toString(),
                "PGANALYTICS_AUDIT_CHECKPOINT_FILE",
                checkpoints.toString());
    }

    @Test
    void whatAServerAndACommandDidIsSealedAndVerifiedHereAndElsewhere() throws Exception {
        var keys = folder.resolve("audit.keys");
        var checkpoints = folder.resolve("audit.checkpoints");
        try (var database = TestDatabase.create().migrated()) {
            var beside = new BesideDatabase(
                    database,
                    folder,
                    "audit { key-file = \"%s\", checkpoint-file = \"%s\" }".formatted(keys, checkpoints));
            runAlone(0, "audit", "key", "create", "--file", keys.toString());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)));
            assertTrue(runAlone(1, "audit", "key", "create", "--file", keys.toString())
                    .contains("is there already"));
            beside.run(0, "admin-token", "new", "alice");
            ApiServer.close(ApiServer.open(database, folder, audit(keys, checkpoints)));

            var said = new JsonObject(beside.run(0, "audit", "verify", "--json"));
            assertTrue(said.getBoolean("clean"), said::encode);
            assertTrue(said.getBoolean("compared_with_checkpoint_file"), said::encode);
            assertTrue(said.getLong("to") >= 1, said::encode);
            assertEquals(0L, said.getLong("waiting"));

            var export = folder.resolve("audit.jsonl").toString();
            beside.run(0, "audit", "export", "--file", export);
            assertTrue(beside.run(1, "audit", "export", "--file", export).contains("could not be written"));
            bendAndVerify(database, beside, export, checkpoints);
        }
    }

    private static void bendAndVerify(TestDatabase database, BesideDatabase beside, String export, Path checkpoints)
            throws IOException {
        var keys = checkpoints.resolveSibling("audit.keys");
        database.executeAsSuperuser(
                "SET session_replication_role = replica; UPDATE audit_event SET actor = 'cli:mallory' WHERE id = 1");
        assertTrue(beside.run(1, "audit", "verify").contains("BAD: position 1, event 1 (admin-token.new"));
        var offline = new String[] {
            "audit",
            "verify",
            "--export",
            export,
            "--key-file",
            keys.toString(),
            "--checkpoint-file",
            checkpoints.toString()
        };
        assertTrue(runAlone(0, offline).startsWith("clean"));
        var text = Files.readString(Path.of(export));
        Files.writeString(Path.of(export), text.replaceFirst("admin-token.new", "admin-token.old"));
        assertTrue(runAlone(1, offline).contains("BAD: position 1, event 1 (admin-token.old"));
    }

    private static String runAlone(int code, String... arguments) {
        var out = new StringWriter();
        var command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertEquals(code, command.execute(arguments), out::toString);
        return out.toString();
    }

    @Test
    void wrongUsageIsSaid() {
        runAlone(2, "audit");
        runAlone(2, "audit", "key");
        runAlone(2, "audit", "key", "create");
        runAlone(2, "audit", "verify", "--unproven-until", "yesterday");
    }

    @Test
    void withoutKeysAServerRunsAndNothingIsProven() throws Exception {
        try (var api = ApiServer.start(Map.of("PGANALYTICS_FAMILIES_DIR", families.toString()))) {
            var ready = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + api.server.ports().getInteger("management") + "/health/ready"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertEquals(200, ready.statusCode());
            assertTrue(new JsonObject(ready.body())
                    .getJsonObject("warnings")
                    .getString("audit")
                    .contains("audit.key-file is not set"));
            var said = new BesideDatabase(api.database, folder).run(1, "audit", "verify");
            assertTrue(said.contains("nothing proves this audit: audit.key-file is not set"), said);
            assertEquals(0, api.database.number("SELECT count(*) FROM audit_event WHERE hmac IS NOT NULL"));
            assertEquals(0, api.database.number("SELECT count(*) FROM audit_checkpoint"));
        }
    }

    @Test
    void aKeyFileThatIsNamedAndBadKeepsAServerFromStarting() throws Exception {
        var keys = folder.resolve("audit.keys");
        var checkpoints = folder.resolve("audit.checkpoints");
        try (var database = TestDatabase.create()) {
            assertRefused(database, keys, checkpoints, "cannot be read: put the one of the other servers");
            Files.writeString(keys, "hmac secret-of-mine notbase64!\n");
            assertRefused(database, keys, checkpoints, "is open to others");
            Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
            assertRefused(database, keys, checkpoints, "line 1 is no key of the audit: it is not base64");
            Files.writeString(keys, "# nothing\n");
            assertRefused(database, keys, checkpoints, "has no hmac or no sign line");
        }
    }

    private void assertRefused(TestDatabase database, Path keys, Path checkpoints, String why) {
        var refused =
                assertThrows(CommandFailure.class, () -> ApiServer.open(database, folder, audit(keys, checkpoints)));
        assertTrue(refused.getMessage().contains(why), refused::getMessage);
        assertTrue(refused.getMessage().contains("audit.key-file = " + keys), refused::getMessage);
        assertFalse(refused.getMessage().contains("notbase64"), refused::getMessage);
        assertFalse(refused.getMessage().contains("\n"), refused::getMessage);
    }

    /** The embedded database's keys are the server's own affair, until they are gone. */
    @Test
    void theEmbeddedDatabasesKeysAreMadeOnceAndMissedWhenTheyAreGone() throws Exception {
        var data = Program.folder("audit");
        var keys = data.resolve("audit.keys");
        var one = Map.of("PGANALYTICS_FAMILIES_DIR", families.toString());
        try (var server = Program.start(data, one, "serve").untilReady()) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)));
            assertTrue(server.output().contains("keep a copy of it apart from the database"));
            server.signal("TERM");
            assertEquals(0, server.waitFor(LIMIT));
        }
        Files.move(keys, data.resolve("elsewhere"));
        try (var server = Program.start(data, one, "serve")) {
            assertEquals(1, server.waitFor(LIMIT));
            assertTrue(server.output().contains("put it back from its backup"));
        }
    }
}

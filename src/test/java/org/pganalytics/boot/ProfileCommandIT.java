package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** Profiles as a person keeps them, from the command line. */
class ProfileCommandIT {
    @TempDir
    private Path folder;

    @Test
    void aProfileIsSetRolledOutLookedAtAndRolledBack() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var beside = new BesideDatabase(database, folder);
            var collector = UUID.randomUUID();
            database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'db-1')".formatted(collector));
            var file = Files.writeString(folder.resolve("base.conf"), "intervals { pg_locks = 5s }");
            var first = new JsonObject(beside.run(0, "profile", "set", "base", file.toString(), "--json"));
            assertEquals(1, first.getInteger("version"));
            Files.writeString(file, "intervals { pg_locks = 6s }");
            beside.run(0, "profile", "set", "base", file.toString(), "--comment", "slower");

            beside.run(0, "profile", "assign", "base", "--to", "1", "--selector", "env=prod");
            beside.run(0, "profile", "assign", "base", "--to", "2", "--selector", "env=prod", "--percent", "10");
            beside.run(0, "collector", "label", collector.toString(), "env=prod");
            beside.run(0, "profile", "rollback", "base", "--selector", "env=prod");
            var status = new JsonObject(beside.run(0, "profile", "status", "--json"));
            var state = status.getJsonArray("collectors").getJsonObject(0);
            assertEquals(first.getString("tag"), state.getString("assigned"));
            assertEquals("waiting", state.getString("progress"));
            assertEquals(1, status.getJsonArray("assignments").getJsonObject(0).getInteger("version"));
            assertTrue(beside.run(0, "profile", "status").contains("base: version 1 for 100 % of env=prod"));
            assertEquals(2, new JsonArray(beside.run(0, "profile", "list", "base", "--json")).size());
            assertTrue(beside.run(0, "profile", "list").contains("slower"));
            assertTrue(beside.run(0, "profile", "show", "base").contains("pg_locks = 6s"));
            assertTrue(beside.run(0, "profile", "show", "base", "--version-number", "1")
                    .contains("pg_locks = 5s"));
            beside.run(0, "profile", "unassign", "base", "--selector", "env=prod");

            refusals(beside, file);
            beside.run(2, "collector", "label", collector.toString(), "no label");
            beside.run(2, "profile");
            assertEquals(
                    "[[cli, 7]]",
                    database.rows("SELECT split_part(actor, ':', 1), count(*) FROM audit_event GROUP BY 1")
                            .toString());
        }
    }

    private void refusals(BesideDatabase beside, Path file) throws Exception {
        assertTrue(beside.run(1, "profile", "rollback", "base").contains("is not assigned"));
        assertTrue(beside.run(1, "profile", "assign", "base", "--to", "3").contains("no version 3"));
        Files.writeString(file, "intervals { pg_locks = 0s }");
        assertTrue(beside.run(1, "profile", "set", "base", file.toString()).contains("allowed is 1s to 1d"));
        Files.writeString(file, "x".repeat(10 << 20));
        assertTrue(beside.run(1, "profile", "set", "base", file.toString()).contains("at most 64000 bytes"));
        var nothing = folder.resolve("nothing").toString();
        assertTrue(beside.run(1, "profile", "set", "base", nothing).contains("there is no file " + nothing));
    }
}

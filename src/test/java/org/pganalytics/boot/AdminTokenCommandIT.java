package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** Admin tokens as a person keeps them, from the command line. */
class AdminTokenCommandIT {
    @TempDir
    private Path folder;

    @Test
    void aLostTokenIsReplacedAndItsEndIsOnRecord() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var beside = new BesideDatabase(database, folder);
            var made = new JsonObject(beside.run(0, "admin-token", "new", "alice", "--json"));
            assertTrue(made.getString("token").matches("pgadm_[A-Za-z0-9_-]{43}"), made::encode);
            var kept = database.rows("SELECT t::text FROM admin_token t").toString();
            assertFalse(kept.contains(made.getString("token")), kept);

            assertTrue(beside.run(1, "admin-token", "new", "alice").contains("holds already"));
            beside.run(1, "admin-token", "new", "x y");
            beside.run(2, "admin-token", "new");
            var listed = new JsonArray(beside.run(0, "admin-token", "list", "--json"));
            assertEquals("alice", listed.getJsonObject(0).getString("name"));
            assertFalse(listed.encode().contains(made.getString("token")));
            beside.run(0, "admin-token", "revoke", "alice");
            beside.run(1, "admin-token", "revoke", "alice");
            var again = beside.run(0, "admin-token", "new", "alice").strip();
            assertFalse(again.equals(made.getString("token")));
            assertEquals(
                    "[[admin-token.new], [admin-token.revoke], [admin-token.new]]",
                    database.rows("SELECT action FROM audit_event ORDER BY id").toString());
        }
    }

    @Test
    void theDemosTokenIsForItsOwnerOnly() throws Exception {
        var file = SecretFile.adminToken(folder);
        assertFalse(file.exists());
        file.write("first");
        file.write("second");
        assertEquals("second\n", Files.readString(file.path()));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())));
    }
}

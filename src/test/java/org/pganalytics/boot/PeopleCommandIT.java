package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** People as whoever runs the server keeps them, from the command line. */
class PeopleCommandIT {
    @TempDir
    private Path folder;

    @Test
    void whoCannotSignInIsHelpedBesideTheServer() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var beside = new BesideDatabase(database, folder);
            var made = new JsonObject(beside.run(0, "people", "add", "bob", "--role", "operator", "--json"));
            assertTrue(made.getString("code").matches("pgcode_[A-Za-z0-9_-]{43}"), made::encode);
            assertEquals("operator", made.getString("role"));
            var kept = database.rows("SELECT c::text FROM person_code c").toString();
            assertFalse(kept.contains(made.getString("code")), kept);

            assertTrue(beside.run(1, "people", "add", "bob", "--role", "viewer").contains("already"));
            assertTrue(beside.run(1, "people", "add", "Bob", "--role", "viewer").contains("a-z"));
            assertTrue(
                    beside.run(1, "people", "add", "eve", "--role", "collector").contains("viewer, operator"));
            assertTrue(beside.run(1, "people", "reset", "nobody").contains("no person"));
            beside.run(2, "people", "add", "bob");
            beside.run(2, "people");

            beside.run(0, "people", "role", "bob", "auditor");
            beside.run(0, "people", "disable", "bob");
            var bob = new JsonArray(beside.run(0, "people", "list", "--json")).getJsonObject(0);
            assertEquals("auditor", bob.getString("role"));
            assertTrue(bob.getString("disabled_at") != null, bob::encode);
            beside.run(0, "people", "enable", "bob");
            var again = beside.run(0, "people", "reset", "bob");
            assertTrue(again.matches("(?s).*pgcode_[A-Za-z0-9_-]{43}.*"), again);
            assertFalse(again.contains(made.getString("code")), "another code");
            assertEquals(
                    "[[person.add], [person.set-role], [person.disable], [person.enable], [person.reset-password]]",
                    database.rows("SELECT action FROM audit_event ORDER BY id").toString());
        }
    }
}

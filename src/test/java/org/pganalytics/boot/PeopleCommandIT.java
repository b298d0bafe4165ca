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

    @Test
    void whatIsKeptOfThemAndWhatTheyMayIsToldAndAudited() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var beside = new BesideDatabase(database, folder);
            beside.run(0, "people", "add", "bob", "--role", "viewer");

            var kept = new JsonObject(beside.run(0, "people", "export", "bob"));
            assertEquals("bob", kept.getJsonObject("person").getString("name"));
            assertEquals(
                    "person.add", kept.getJsonArray("events").getJsonObject(0).getString("action"));
            assertTrue(beside.run(1, "people", "export", "nobody").contains("no person"));

            var review =
                    beside.run(0, "audit", "report", "access-review").lines().toList();
            assertEquals(
                    "kind,name,owner,source,provider,role,may,second_factor,disabled,created_at,last_used_at,ends_at",
                    review.get(0));
            assertTrue(
                    review.get(1).startsWith("person,bob,,local,,viewer,fleet.read metrics.read self,false,false,"),
                    review::toString);
            var changes = new JsonArray(beside.run(0, "audit", "report", "privilege-changes", "--json"));
            assertEquals("person:bob", changes.getJsonObject(0).getString("target"));

            assertTrue(beside.run(2, "audit", "report", "all").contains("sign-ins, privilege-changes"));
            assertTrue(beside.run(2, "audit", "report", "sign-ins", "--from", "yesterday")
                    .contains("--from is no time such as"));
            assertTrue(beside.run(2, "audit", "report", "sign-ins", "--from", "2999-01-01T00:00:00Z")
                    .contains("'from' must be before 'to'"));
            assertEquals(
                    "[[person.add], [person.export], [report.read], [report.read]]",
                    database.rows("SELECT action FROM audit_event ORDER BY id").toString());
        }
    }
}

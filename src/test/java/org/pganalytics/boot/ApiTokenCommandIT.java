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

/** API tokens as whoever runs the server keeps them, from the command line. */
class ApiTokenCommandIT {
    @TempDir
    private Path folder;

    @Test
    void aServicesTokenIsMadeListedAndRevoked() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var beside = new BesideDatabase(database, folder);
            var made = new JsonObject(beside.run(
                    0,
                    "api-token",
                    "create",
                    "backup",
                    "--scope",
                    "metrics.read,fleet.read",
                    "--days",
                    "30",
                    "--json"));
            var token = made.getString("token");
            assertTrue(token.matches("pgapi_[A-Za-z0-9_-]{43}"), made::encode);
            assertEquals(new JsonArray().add("fleet.read").add("metrics.read"), made.getJsonArray("scopes"));
            assertFalse(
                    database.rows("SELECT t::text FROM api_token t").toString().contains(token));

            refusals(beside);
            var listed = new JsonArray(beside.run(0, "api-token", "list", "--json"));
            assertEquals(made.getString("id"), listed.getJsonObject(0).getString("id"));
            assertFalse(listed.encode().contains(token));
            beside.run(0, "api-token", "revoke", made.getString("id"));
            assertTrue(
                    beside.run(1, "api-token", "revoke", made.getString("id")).contains("no token"));
            beside.run(2, "api-token", "revoke", "backup");
            assertEquals(
                    "[[api-token.create, service:backup], [api-token.revoke, service:backup]]",
                    database.rows("SELECT action, target FROM audit_event ORDER BY id")
                            .toString());
        }
    }

    private static void refusals(BesideDatabase beside) {
        String[] again = {"api-token", "create", "backup", "--scope", "fleet.read", "--days", "1"};
        assertTrue(beside.run(1, again).contains("holds already"));
        again[4] = "tokens.write";
        assertTrue(beside.run(1, again).contains("no token may have"));
        again[4] = "everything";
        assertTrue(beside.run(1, again).contains("metrics.read, fleet.read"));
        beside.run(2, "api-token", "create", "endless", "--scope", "fleet.read");
        beside.run(2, "api-token");
        assertTrue(beside.run(0, "api-token", "list").contains("(service)"));
    }
}

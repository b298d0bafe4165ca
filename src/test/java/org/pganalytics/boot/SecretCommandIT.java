package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;

/** Registration secrets as a person keeps them, from the command line. */
class SecretCommandIT {
    @TempDir
    private Path folder;

    private Path config;

    @Test
    void aSecretIsMadeListedAndRevoked() throws IOException {
        try (var database = TestDatabase.create().migrated()) {
            configure(database);
            var made = new JsonObject(run(0, "add", "ci", "--days", "7", "--json"));
            assertEquals(43, made.getString("secret").length());
            var kept =
                    database.rows("SELECT s::text FROM registration_secret s").toString();
            assertTrue(kept.contains("$argon2id$"), kept);
            assertFalse(kept.contains(made.getString("secret")), kept);

            var listed = new JsonArray(run(0, "list", "--json"));
            assertEquals("ci", listed.getJsonObject(0).getString("name"));
            assertFalse(listed.encode().contains(made.getString("secret")));

            run(1, "add", "ci");
            run(0, "revoke", "ci");
            run(1, "revoke", "ci");
            run(2, "add", "other", "--days", "0");
            assertEquals(
                    "[[registration-secret.add], [registration-secret.revoke]]",
                    database.rows("SELECT action FROM audit_event ORDER BY id").toString());
        }
    }

    private void configure(TestDatabase database) throws IOException {
        var address = database.address();
        config = Files.writeString(
                folder.resolve("pganalytics.conf"),
                "data.dir = \"%s\"%ndatabase.url = \"%s\"%ndatabase.password = \"%s\"%n"
                        .formatted(folder, address.url(), address.password()));
    }

    private String run(int code, String... arguments) {
        var out = new StringWriter();
        var all = new String[arguments.length + 4];
        all[0] = "collector";
        all[1] = "secret";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[arguments.length + 2] = "--config";
        all[arguments.length + 3] = config.toString();
        var command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertEquals(code, command.execute(all), out::toString);
        return out.toString();
    }
}

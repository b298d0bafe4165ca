package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pganalytics.http.Contract;
import org.pganalytics.http.Operation;

/** What could do much harm is asked with a session whose proof is old. */
class FreshProofIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";
    private static final Set<String> FRESH = Set.of(
            "addPerson",
            "setRole",
            "setDisabled",
            "resetPassword",
            "resetSecondFactor",
            "createSecret",
            "createOwnToken",
            "createServiceToken",
            "beginSecondFactor",
            "addSecondFactor",
            "removeSecondFactor");

    @Test
    void itTakesAnotherProofAndNothingElseDoes() throws Exception {
        var operations = Contract.ofClassPath().operations();
        assertEquals(
                new TreeSet<>(FRESH),
                operations.stream()
                        .filter(Operation::wantsFresh)
                        .map(Operation::id)
                        .collect(Collectors.toCollection(TreeSet::new)));
        try (var server = ApiServer.start(Map.of())) {
            var admin = Browser.of(server.client, server.firstAdminCode(), "root", PASSWORD);
            server.database.execute("UPDATE person_session SET confirmed_at = now() - interval '16 min'");
            for (var operation : operations) {
                if (operation.permission().isPresent() && !operation.id().equals("signOut")) {
                    var answer = admin.send(operation.id(), new JsonObject(), parameters(operation));
                    boolean wanted = answer.text().contains("signing in is too long ago");
                    assertEquals(FRESH.contains(operation.id()), wanted, () -> operation.id() + answer.text());
                }
            }
            var proof = new JsonObject().put("password", PASSWORD);
            assertEquals(204, admin.send("confirmSession", proof).status());
            var added = admin.send(
                    "addPerson", new JsonObject().put("name", "sybil").put("role", "viewer"));
            assertNotEquals(403, added.status(), added::text);
            assertTrue(added.json().containsKey("code"));
        }
    }

    private static String[] parameters(Operation operation) {
        return Arrays.stream(operation.route().split("/"))
                .filter(part -> part.startsWith(":"))
                .flatMap(part -> Stream.of(part.substring(1), "1"))
                .toArray(String[]::new);
    }
}

package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.http.Contract;
import org.pganalytics.http.Operation;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Role;

/** Every operation for people, asked as every role, is open or shut as the table of docs/security.md says. */
class RoleWalkIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";
    private static final List<String> COLUMNS = List.of("viewer", "operator", "auditor", "admin", "collector");

    private static ApiServer server;
    private static ApiClient api;
    private static final Map<Role, Browser> PEOPLE = new HashMap<>();
    private static String collectorsToken;
    /** One that has nothing but this permission, and one that has all but this. */
    private static final Map<String, String> ONLY = new HashMap<>();

    private static final Map<String, String> WITHOUT = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        // Each operation is asked by a stranger, too.
        server = ApiServer.start(Map.of("PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000"));
        api = server.client;
        collectorsToken = api.register(ApiServer.SECRET, "walker").getString("token");
        for (var permission : Permission.values()) {
            var key = permission.key();
            if (permission.isForTokens()) {
                ONLY.put(key, token("only." + key, List.of(key)));
            }
            WITHOUT.put(
                    key,
                    token(
                            "not." + key,
                            scopes().stream()
                                    .filter(scope -> !scope.equals(key))
                                    .toList()));
        }
        for (var role : List.of(Role.VIEWER, Role.OPERATOR, Role.AUDITOR, Role.ADMIN)) {
            var added = api.ask(
                    "addPerson", new JsonObject().put("name", "a-" + role.key()).put("role", role.key()));
            PEOPLE.put(role, Browser.of(api, added.json().getString("code"), "a-" + role.key(), PASSWORD));
        }
    }

    private static List<String> scopes() {
        return Arrays.stream(Permission.values())
                .filter(Permission::isForTokens)
                .map(Permission::key)
                .toList();
    }

    private static String token(String name, List<String> scopes) throws Exception {
        var wish = new JsonObject()
                .put("name", name)
                .put("scopes", new JsonArray(scopes))
                .put("ends_at", Instant.now().plusSeconds(3_600).toString());
        var made = api.ask("createServiceToken", wish);
        assertEquals(201, made.status(), made::text);
        return made.json().getString("token");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Permissions by role, as the page has them. */
    private static Map<String, Set<String>> page() throws Exception {
        var open = new HashMap<String, Set<String>>();
        COLUMNS.forEach(role -> open.put(role, new TreeSet<>()));
        var section = Files.readString(Path.of("docs/security.md"))
                .split("\n## Roles\n")[1]
                .split("\n## ")[0];
        for (var line : section.split("\n")) {
            if (line.startsWith("| `")) {
                var cells = line.split("\\s*\\|\\s*");
                for (int i = 0; i < COLUMNS.size(); i++) {
                    if (cells[3 + i].equals("yes")) {
                        open.get(COLUMNS.get(i)).add(cells[1].replace("`", ""));
                    } else {
                        assertEquals("–", cells[3 + i], line);
                    }
                }
            }
        }
        return open;
    }

    @Test
    void thePageNamesEveryPermission() throws Exception {
        var all = new TreeSet<>(
                Arrays.stream(Permission.values()).map(Permission::key).toList());
        assertEquals(all, page().get("admin"));
        var asked = new TreeSet<>(operations()
                .map(operation -> operation.permission().orElseThrow().key())
                .toList());
        assertEquals(all, asked, "each one opens something");
    }

    private static Stream<Operation> operations() {
        // What ends the walkers' own sessions is asked by SignInIT.
        return Contract.ofClassPath().operations().stream()
                .filter(operation -> operation.permission().isPresent())
                .filter(operation -> !operation.id().equals("signOut"));
    }

    private static String[] somewhere(Operation operation) {
        return Arrays.stream(operation.route().split("/"))
                .filter(part -> part.startsWith(":"))
                .flatMap(part -> Stream.of(part.substring(1), "nowhere"))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void eachIsOpenToWhomThePageSays(Operation operation) throws Exception {
        var page = page();
        var needed = operation.permission().orElseThrow().key();
        for (var each : PEOPLE.entrySet()) {
            // A body that follows no form: whoever is let in is told so, and changes nothing.
            var answer = each.getValue().send(operation.id(), new JsonObject().put("?", 1), somewhere(operation));
            boolean open = page.get(each.getKey().key()).contains(needed);
            if (open) {
                assertNotEquals(403, answer.status(), () -> each.getKey() + " " + operation.id() + answer.text());
                assertNotEquals(401, answer.status(), () -> each.getKey() + " " + operation.id() + answer.text());
                assertTrue(answer.status() < 500, () -> each.getKey() + " " + operation.id() + answer.text());
            } else {
                assertEquals(403, answer.status(), () -> each.getKey() + " " + operation.id() + answer.text());
            }
        }
        var headers = Map.of("Content-Type", "application/json", "Authorization", "Bearer " + collectorsToken);
        var collector = api.send(operation.id(), headers, "{}".getBytes(StandardCharsets.UTF_8), somewhere(operation));
        assertEquals(403, collector.status(), collector::text);
        assertEquals(
                401,
                new Browser(api)
                        .send(operation.id(), new JsonObject(), somewhere(operation))
                        .status());
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aTokenOpensWhatItsScopeSaysAndNothingElse(Operation operation) throws Exception {
        var needed = operation.permission().orElseThrow().key();
        var body = new JsonObject().put("?", 1).encode();
        var without = api.send(operation.id(), Optional.of(WITHOUT.get(needed)), body, somewhere(operation));
        assertEquals(403, without.status(), without::text);
        if (ONLY.containsKey(needed)) {
            var only = api.send(operation.id(), Optional.of(ONLY.get(needed)), body, somewhere(operation));
            assertTrue(Set.of(200, 400, 404).contains(only.status()), only::text);
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void theCodeHasThePagesTable(Role role) throws Exception {
        var has = new TreeSet<>(Arrays.stream(Permission.values())
                .filter(role::may)
                .map(Permission::key)
                .toList());
        assertEquals(page().get(role.key()), has);
    }
}

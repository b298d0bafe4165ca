package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pganalytics.identity.factor.TotpCodes;

/** docs/runbooks/keys-lost.md: a server whose file of keys is gone, found again, and gone for good. */
class KeysLostIT {
    private static final String PASSWORD = "gravel-otter-71-lantern";
    private static final Duration END_MAX = Duration.ofSeconds(60);

    private Path data;

    private Program start(Map<String, String> more) throws Exception {
        var environment = new HashMap<>(more);
        environment.put("PGANALYTICS_REGISTRATION_SECRET", "a secret of lost keys");
        return Program.start(Program.command("serve"), data, environment);
    }

    private static ApiClient api(Program server) throws Exception {
        return new ApiClient(server.port("http"), "no token");
    }

    /** Of the first admin, told on standard output. */
    private static String code(String said) {
        var found = Pattern.compile("pgcode_[A-Za-z0-9_-]{43}").matcher(said);
        assertTrue(found.find(), said);
        return found.group();
    }

    private static void stop(Program server) throws Exception {
        server.signal("TERM");
        assertEquals(0, server.waitFor(END_MAX));
    }

    @Test
    void aFileThatIsLostComesBackOrIsGivenUp() throws Exception {
        data = Program.folder("keys-lost");
        var keys = data.resolve("secrets.keys");
        String authenticator;
        try (var server = start(Map.of()).untilReady()) {
            var code = code(server.output());
            var ann = Browser.of(api(server), code, "ann", PASSWORD);
            authenticator = SecondFactorWalk.add(ann);
            stop(server);
        }
        var id = SealKeys.read(keys).current();
        var copy = data.resolveSibling(data.getFileName() + ".keys");
        Files.move(keys, copy);
        try (var server = start(Map.of())) {
            assertEquals(1, server.waitFor(END_MAX));
            assertTrue(server.output().contains("under keys that are not here, [%s]".formatted(id)), server.output());
        }

        Files.copy(copy, keys);
        worksAgain(authenticator);
        givenUp(id, keys);
    }

    private void worksAgain(String authenticator) throws Exception {
        try (var server = start(Map.of()).untilReady()) {
            var ann = new Browser(api(server));
            assertEquals(403, ann.signIn("ann", PASSWORD).status(), "it takes the second factor");
            assertEquals(
                    201,
                    ann.signIn("ann", PASSWORD, TotpCodes.next(authenticator)).status());
            stop(server);
        }
    }

    private void givenUp(String id, Path keys) throws Exception {
        var lost = Map.of("PGANALYTICS_SECRETS_LOST_KEYS", id);
        try (var server = start(lost)) {
            assertEquals(1, server.waitFor(END_MAX));
            assertTrue(server.output().contains("names keys that are here, [%s]".formatted(id)), server.output());
        }
        Files.delete(keys);
        try (var server = start(lost).untilReady()) {
            var ann = new Browser(api(server));
            assertEquals(201, ann.signIn("ann", PASSWORD).status(), "the factor is gone, the password is not");
            SecondFactorWalk.add(ann);
            assertEquals(
                    1,
                    server.number("SELECT (details ->> 'values')::int FROM audit_event WHERE action = 'keys.discard'"
                            + " AND target = 'key:%s'".formatted(id)));
            assertFalse(SealKeys.read(keys).ids().contains(id), "another key seals now");
            stop(server);
        }
    }
}

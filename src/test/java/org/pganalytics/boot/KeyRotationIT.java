package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.Envelope.Place;

/** The keys of sealed values are replaced while a server runs, which is killed in the middle. */
class KeyRotationIT {
    private static final int VALUES = 3_000;

    @TempDir
    private Path folder;

    private Path ring;
    private TestDatabase database;
    private BesideDatabase beside;

    @Test
    void aServerThatIsKilledInTheMiddleLeavesAllOfItToTheNextOne() throws Exception {
        ring = folder.resolve("secrets.keys");
        try (var made = TestDatabase.create().migrated()) {
            database = made;
            beside = new BesideDatabase(database, folder, "secrets.keys-file = \"%s\"".formatted(ring));
            assertEquals(0, Main.commandLine().execute("keys", "create", "--file", ring.toString()));
            var old = SealKeys.read(ring).current();
            fill(VALUES);
            rotateUnderAServerThatIsKilled(old);
            retire(old);
            allOpen();
            assertEquals(
                    List.of("keys.add", "keys.rotate", "keys.rewrapped", "keys.retire"),
                    database.rows("SELECT action FROM audit_event WHERE action LIKE 'keys.%' ORDER BY id").stream()
                            .map(row -> row.get(0))
                            .toList());
        }
    }

    @Test
    void aServerWithoutTheKeysOfWhatIsSealedSaysWhichAndDoesNotStart() throws Exception {
        ring = folder.resolve("secrets.keys");
        try (var made = TestDatabase.create().migrated()) {
            database = made;
            SealKeys.create(ring);
            fill(1);
            var lost = SealKeys.read(ring).current();
            var other = folder.resolve("other.keys");
            SealKeys.create(other);
            for (var keys : List.of(other.toString(), "")) {
                try (var server = start(keys)) {
                    assertEquals(1, server.waitFor(Duration.ofSeconds(60)));
                    assertTrue(server.output().contains("under keys that are not here, [%s]".formatted(lost)));
                }
            }
        }
    }

    private void rotateUnderAServerThatIsKilled(String old) throws Exception {
        var server = serve();
        try {
            beside.run(0, "keys", "rotate");
            assertEquals(old, SealKeys.read(ring).current(), "the next one only opens");
            server.signal("HUP");
            beside.run(0, "keys", "rotate");
            server.signal("HUP");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> under(old) < VALUES);
            server.signal("KILL");
            server.waitFor(Duration.ofSeconds(10));
            long left = under(old);
            assertTrue(left > 0, "killed too late to show anything");
            var refused = beside.run(1, "keys", "retire", old);
            assertTrue(refused.contains("%d values are under the key".formatted(left)), refused);
            server = serve();
            Awaitility.await().atMost(Duration.ofSeconds(120)).until(() -> under(old) == 0 && told());
        } finally {
            server.close();
        }
    }

    private void retire(String old) throws Exception {
        var now = SealKeys.read(ring).current();
        assertEquals(VALUES, under(now));
        var status = beside.run(0, "keys", "status");
        assertTrue(status.matches("(?s).*%s\\s+opens\\s+0\\R.*".formatted(old)), status);
        assertTrue(status.matches("(?s).*%s\\s+seals\\s+%d\\R.*".formatted(now, VALUES)), status);
        assertTrue(beside.run(1, "keys", "retire", now).contains("is the one that seals"));
        beside.run(0, "keys", "retire", old);
        assertFalse(Files.readString(ring).contains(old));
    }

    private Program serve() throws Exception {
        return start(ring.toString()).untilReady();
    }

    private Program start(String keys) throws Exception {
        var address = database.address();
        return Program.start(
                folder.resolve("server"),
                Map.of(
                        "PGANALYTICS_DATABASE_URL",
                        address.url(),
                        "PGANALYTICS_DATABASE_PASSWORD",
                        address.password(),
                        "PGANALYTICS_REGISTRATION_SECRET",
                        "of nobody, on loopback",
                        "PGANALYTICS_SECRETS_KEYS_FILE",
                        keys),
                "serve");
    }

    private boolean told() {
        var key = SealKeys.read(ring).current();
        var sql = "SELECT details->>'values_under_%s' FROM audit_event WHERE action = 'keys.rewrapped'";
        return database.rows(sql.formatted(key)).equals(List.of(List.of(String.valueOf(VALUES))));
    }

    private long under(String key) {
        return database.number("SELECT count(*) FROM person_totp WHERE encode(secret, 'hex') LIKE '%s%%'"
                .formatted("01%02x%s".formatted(key.length(), hex(key))));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    private Envelope envelope() {
        var keys = SealKeys.read(ring);
        return new Envelope(() -> keys, new SecureRandom());
    }

    private static byte[] value(UUID person) {
        return person.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static Place place(UUID person) {
        return new Place("person_totp", "secret", person.toString());
    }

    private void fill(int values) throws SQLException {
        var envelope = envelope();
        try (var connection = database.connect();
                var people =
                        connection.prepareStatement("INSERT INTO person (id, name, role) VALUES (?, ?, 'viewer')");
                var keys = connection.prepareStatement("INSERT INTO person_totp (person, secret) VALUES (?, ?)")) {
            connection.setAutoCommit(false);
            for (int i = 0; i < values; i++) {
                var person = UUID.randomUUID();
                people.setObject(1, person);
                people.setString(2, "p-" + i);
                people.addBatch();
                keys.setObject(1, person);
                keys.setBytes(2, envelope.seal(place(person), value(person)));
                keys.addBatch();
            }
            people.executeBatch();
            keys.executeBatch();
            connection.commit();
        }
    }

    private void allOpen() {
        var envelope = envelope();
        var rows = database.rows("SELECT person, secret FROM person_totp");
        assertEquals(VALUES, rows.size());
        rows.forEach(row -> {
            var person = (UUID) row.get(0);
            assertArrayEquals(value(person), envelope.open(place(person), (byte[]) row.get(1)));
        });
    }
}

package org.pganalytics.secrets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.secrets.Envelope.Place;

/** Values sealed for one place of the database, and the keys for that. */
class EnvelopeTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Place PLACE = new Place("person_totp", "secret", "1");
    private static final byte[] VALUE = "a secret of a person".getBytes(StandardCharsets.UTF_8);

    private final List<String> lines =
            new ArrayList<>(List.of("# keys", "", KeyRing.create(RANDOM).text().strip()));

    private Envelope envelope() {
        return new Envelope(() -> KeyRing.parse("a test", lines), RANDOM);
    }

    @Test
    void opensWhereItWasSealedAndShowsNothingOfTheValue() {
        var sealed = envelope().seal(PLACE, VALUE);
        assertArrayEquals(VALUE, envelope().open(PLACE, sealed));
        assertFalse(new String(sealed, StandardCharsets.ISO_8859_1).contains("secret of"));
        assertNotEquals(
                HexFormat.of().formatHex(sealed),
                HexFormat.of().formatHex(envelope().seal(PLACE, VALUE)));
        assertArrayEquals(new byte[0], envelope().open(PLACE, envelope().seal(PLACE, new byte[0])));
    }

    @ParameterizedTest
    @MethodSource
    void opensNowhereElse(Place other) {
        var sealed = envelope().seal(PLACE, VALUE);
        assertThrows(SealException.class, () -> envelope().open(other, sealed));
        assertThrows(SealException.class, () -> envelope().rewrap(other, sealed));
    }

    static Stream<Place> opensNowhereElse() {
        return Stream.of(
                new Place("person_totp", "secret", "2"),
                new Place("person_totp", "other", "1"),
                new Place("other", "secret", "1"),
                new Place("person_totp", "secret\0001", ""));
    }

    @Test
    void noByteCanBeChanged() {
        var sealed = envelope().seal(PLACE, VALUE);
        for (int i = 0; i < sealed.length; i++) {
            var changed = sealed.clone();
            changed[i] ^= 1;
            assertThrows(SealException.class, () -> envelope().open(PLACE, changed), "byte " + i);
        }
    }

    @Test
    void noneCanBeLeftOut() {
        var sealed = envelope().seal(PLACE, VALUE);
        for (int length = 0; length < sealed.length; length++) {
            var cut = java.util.Arrays.copyOf(sealed, length);
            assertThrows(SealException.class, () -> envelope().open(PLACE, cut), length + " bytes");
        }
    }

    @Test
    void theLastKeySealsAndTheOthersOpen() {
        var old = envelope().seal(PLACE, VALUE);
        var oldId = Envelope.keyId(old);
        lines.add(KeyRing.create(RANDOM).text().strip());
        assertArrayEquals(VALUE, envelope().open(PLACE, old));
        var rewrapped = envelope().rewrap(PLACE, old);
        var newId = Envelope.keyId(rewrapped);
        assertNotEquals(oldId, newId);
        assertEquals(newId, Envelope.keyId(envelope().seal(PLACE, VALUE)));
        lines.removeIf(line -> line.contains(oldId));
        assertArrayEquals(VALUE, envelope().open(PLACE, rewrapped), "the old key is gone");
        var refusal = assertThrows(SealException.class, () -> envelope().open(PLACE, old));
        assertTrue(refusal.getMessage().contains(oldId), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# no key",
                "key",
                "key k-1 AAAA",
                "key K-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "hmac k-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "key k-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "next k-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "next k-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;key k-2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "key k-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;key k-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            })
    void aRingThatIsNoneIsRefusedByLineWithoutItsKeys(String text) {
        var refusal = assertThrows(
                IllegalArgumentException.class, () -> KeyRing.parse("ring.keys", List.of(text.split(";"))));
        assertTrue(refusal.getMessage().startsWith("ring.keys"), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("AAAA"), refusal.getMessage());
    }

    @Test
    void aNextKeyOpensOnEveryServerBeforeItSealsOnOne() {
        var first = KeyRing.create(RANDOM);
        var second = first.withNext(RANDOM);
        assertEquals(first.current(), second.current());
        assertEquals(List.of(), second.older(), "what is under the one that seals stays");
        assertEquals(second.text(), second.withNext(RANDOM).text(), "one at a time");
        var third = second.withNextSealing();
        assertEquals(second.next().orElseThrow(), third.current());
        assertEquals(List.of(first.current()), third.older());
        var sealed = new Envelope(() -> third, RANDOM).seal(PLACE, VALUE);
        assertArrayEquals(VALUE, new Envelope(() -> second, RANDOM).open(PLACE, sealed));
        assertThrows(SealException.class, () -> new Envelope(() -> first, RANDOM).open(PLACE, sealed));
        assertEquals(List.of(third.current()), third.without(first.current()).ids());
        assertThrows(IllegalArgumentException.class, () -> third.without(third.current()));
        assertThrows(IllegalArgumentException.class, () -> third.without("k-none"));
        assertEquals(
                third.text(),
                KeyRing.parse("a test", third.text().lines().toList()).text());
        assertFalse(third.toString().contains("="), third::toString);
    }

    @Test
    void aFileOfKeysIsItsOwnersAloneAndNeverOverwritten(@TempDir Path folder) throws Exception {
        var file = new KeyFile(folder.resolve("ring.keys"), "secrets.keys-file", "make one");
        file.create(KeyRing.create(RANDOM).text());
        file.requirePrivate();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())));
        assertThrows(java.io.IOException.class, () -> file.create("other"));
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-r--r--"));
        var refusal = assertThrows(IllegalArgumentException.class, file::requirePrivate);
        assertTrue(refusal.getMessage().contains("chmod 600"), refusal.getMessage());
    }
}

package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An authority is made whole or not at all. */
class NewAuthorityTest {
    @TempDir
    Path folder;

    private static void write(Path certificate, Path key) throws IOException {
        NewAuthority.write(certificate, key, "ours", Duration.ofDays(1), Clock.systemUTC());
    }

    @Test
    void whatIsMadeFitsAndItsKeyIsItsOwners() throws Exception {
        var certificate = folder.resolve("c");
        var key = folder.resolve("k");
        write(certificate, key);
        Pem.requirePair(Files.readString(certificate), Files.readString(key));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }

    @Test
    void aKeyWithoutItsCertificateIsNotLeftBehind() {
        var key = folder.resolve("k");
        assertThrows(IOException.class, () -> write(folder.resolve("c".repeat(300)), key), "a name that no disk takes");
        assertFalse(Files.exists(key));
    }

    @Test
    void aFolderThatIsNotThereIsToldWithWhatToDo() throws Exception {
        var missing = folder.resolve("no-such-folder");
        var file = Files.writeString(folder.resolve("file"), "");
        var there = folder.resolve("there.pem");
        for (boolean certificate : new boolean[] {true, false}) {
            for (var place : new Path[] {missing, file}) {
                var wrong = place.resolve("x.pem");
                var refusal = assertThrows(
                        IOException.class, () -> write(certificate ? wrong : there, certificate ? there : wrong));
                var told = place == missing
                        ? "the folder of %s does not exist: make it first, mkdir -p %s".formatted(wrong, missing)
                        : "%s is to be in %s, which is no folder".formatted(wrong, file);
                assertEquals(told, refusal.getMessage());
            }
        }
        assertFalse(Files.exists(there));
    }

    @Test
    void nothingIsOverwrittenAndTheOtherFileNotMade() throws Exception {
        var there = Files.writeString(folder.resolve("there"), "mine");
        var other = folder.resolve("other");
        for (boolean certificate : new boolean[] {true, false}) {
            var refusal = assertThrows(
                    IOException.class, () -> write(certificate ? there : other, certificate ? other : there));
            assertTrue(refusal.getMessage().endsWith("there is there already"), refusal.getMessage());
            assertFalse(Files.exists(other));
        }
        assertEquals("mine", Files.readString(there));
    }
}

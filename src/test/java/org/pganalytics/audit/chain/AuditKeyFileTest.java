package org.pganalytics.audit.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys are nobody else's, and a file that is not of keys is refused with its line and without what stands there. */
class AuditKeyFileTest {
    @TempDir
    private Path folder;

    private Path made() throws IOException {
        var file = folder.resolve("keys");
        AuditKeyFile.create(file, new SecureRandom());
        return file;
    }

    private static void rights(Path file, String rights) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }

    @Test
    void whatIsMadeIsItsOwnersAlone() throws IOException {
        var file = made();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(AuditKeyFile.read(file).canProve());
        assertThrows(IOException.class, () -> AuditKeyFile.create(file, new SecureRandom()));
        rights(file, "r--r-----");
        assertTrue(AuditKeyFile.read(file).canProve(), "a mounted Secret is read by its group");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw----r--", "rw--w----", "rw-----w-"})
    void whatIsOpenToOthersIsRefused(String rights) throws IOException {
        var file = made();
        rights(file, rights);
        var refused = assertThrows(IllegalArgumentException.class, () -> AuditKeyFile.read(file));
        assertTrue(refused.getMessage().contains("is open to others"), refused::getMessage);
        assertThrows(IllegalArgumentException.class, () -> AuditKeyFile.readForVerifying(file));
    }

    @Test
    void theLastKeyProvesAndTheOthersVerify() throws IOException {
        var file = made();
        var first = AuditKeyFile.read(file);
        var next = Base64.getEncoder().encodeToString(new byte[Hashes.BYTES]);
        Files.writeString(file, Files.readString(file) + "hmac next " + next + "\n");
        var both = AuditKeyFile.read(file);
        assertEquals("next", both.hmacId());
        assertTrue(both.knows(first.hmacId()));
    }

    @Test
    void publicKeysAloneVerifyAndMayBeAnybodys() throws IOException {
        var words = Files.readString(made())
                .lines()
                .filter(line -> line.startsWith("sign "))
                .findFirst()
                .orElseThrow()
                .split(" ");
        var open = Files.writeString(folder.resolve("public"), "public %s %s%n".formatted(words[1], words[3]));
        rights(open, "rw-r--r--");
        var keys = AuditKeyFile.readForVerifying(open);
        assertEquals(
                AuditKeyFile.read(folder.resolve("keys")).signers().keySet(),
                keys.signers().keySet());
        assertThrows(IllegalArgumentException.class, () -> AuditKeyFile.read(open));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hmac k c2VjcmV0",
                "hmac k",
                "hmac k %secret%",
                "sign k c2VjcmV0 c2VjcmV0",
                "sign k c2VjcmV0",
                "other k c2VjcmV0",
                "public k/k c2VjcmV0"
            })
    void aLineThatIsNoKeyIsNamedAndNotShown(String line) throws IOException {
        var file = made();
        Files.writeString(file, Files.readString(file) + line + "\n");
        var refused = assertThrows(IllegalArgumentException.class, () -> AuditKeyFile.read(file));
        assertTrue(refused.getMessage().contains("line 5 is no key of the audit"), refused::getMessage);
        assertFalse(refused.getMessage().contains("c2VjcmV0"), refused::getMessage);
    }

    @Test
    void theKeysAreNotShown() throws IOException {
        var file = made();
        var shown = AuditKeyFile.read(file).toString();
        Files.readString(file)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> assertFalse(shown.contains(line.split(" ")[2]), shown));
    }
}

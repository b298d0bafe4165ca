package org.pganalytics.secrets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.WrongValueException;

class SecretsConfigTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", "not a key!", "K-1", "k-1; DROP TABLE person", "a-key-whose-id-is-longer-than-32-letters"})
    void aLostKeyIsNamedByItsId(String id) {
        assertThrows(WrongValueException.class, () -> new SecretsConfig(null, "", List.of("k-1a2b3c4d", id)));
    }

    @Test
    void keysAreInOnePlace() {
        assertThrows(WrongValueException.class, () -> new SecretsConfig(Path.of("secrets.keys"), "key k x", List.of()));
        assertEquals(List.of("k-1a2b3c4d"), new SecretsConfig(null, "", List.of("k-1a2b3c4d")).lostKeys());
    }
}

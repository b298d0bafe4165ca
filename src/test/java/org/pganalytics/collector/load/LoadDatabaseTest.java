package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.FaultException;

class LoadDatabaseTest {
    @TempDir
    private Path dir;

    @Test
    void theEmbeddedDatabaseIsTakenFromThePortsFile() throws IOException {
        var ports = Files.writeString(
                dir.resolve("ports.json"),
                "{\"tcp\":7431,\"database_url\":\"postgresql://postgres@127.0.0.1:5499/pganalytics\","
                        + "\"database_passfile\":\"/data/passfile\"}");
        assertEquals(
                new LoadDatabase("postgresql://postgres@127.0.0.1:5499/pganalytics", Path.of("/data/passfile")),
                LoadDatabase.from(ports));
    }

    @Test
    void aPortsFileWithoutADatabaseOrNoneAtAllSaysWhatToDo() throws IOException {
        var ports = Files.writeString(dir.resolve("ports.json"), "{\"tcp\":7431}");
        for (var file : List.of(ports, dir.resolve("absent.json"))) {
            var failure = assertThrows(FaultException.class, () -> LoadDatabase.from(file));
            assertTrue(failure.detail().contains("--database-url"), failure.detail());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mysql://root:s3cret@h/db", "postgresql:", "postgresql://u:s3cret@[bad/db", "h:5432"})
    void aUrlOfAnotherFormIsRefusedWithoutRepeatingIt(String url) {
        var failure = assertThrows(FaultException.class, () -> new LoadDatabase(url, null).connect());
        assertFalse(failure.detail().contains("s3cret"));
        assertNull(failure.getCause());
    }
}

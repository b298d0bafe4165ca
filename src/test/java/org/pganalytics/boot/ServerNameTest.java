package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerNameTest {
    private final SplittableRandom random = new SplittableRandom();

    @TempDir
    private Path folder;

    private ServerName named(Path data) {
        return ServerName.of(data, Map.of("HOSTNAME", "one-image"), random);
    }

    @Test
    void itIsTheSameAfterARestart() {
        var data = folder.resolve("data");
        var first = named(data);
        assertEquals(first, named(data));
        assertEquals("one-image:" + data, first.shown());
        assertTrue(first.unique().startsWith(first.shown() + "#"), first.unique());
    }

    @Test
    void hostsOfOneImageAreNotOneServer() throws IOException {
        var data = folder.resolve("data");
        var first = named(data);
        // The other host's directory of the same name.
        Files.move(data, folder.resolve("elsewhere"));
        var second = named(data);
        assertEquals(first.shown(), second.shown());
        assertNotEquals(first.unique(), second.unique());
    }

    @Test
    void whoseEnvironmentDoesNotNameTheHostIsCalledAsTheKernelSays() throws IOException {
        var kernel = Path.of("/proc/sys/kernel/hostname");
        var shown = ServerName.of(folder, Map.of(), random).shown();
        assertTrue(
                !Files.exists(kernel)
                        || shown.startsWith(Files.readString(kernel).strip() + ":"),
                shown);
    }

    @Test
    void anIdThatIsDamagedIsDrawnAnew() throws IOException {
        var first = named(folder);
        for (var damaged : new String[] {"", "not an id", "0123"}) {
            Files.writeString(folder.resolve("server-id"), damaged);
            var again = named(folder);
            assertNotEquals(first, again);
            assertEquals(again, named(folder));
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        var file = Files.createFile(folder.resolve("a-file"));
        var failure = assertThrows(CommandFailure.class, () -> named(file));
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        assertFalse(failure.getMessage().isBlank());
    }
}

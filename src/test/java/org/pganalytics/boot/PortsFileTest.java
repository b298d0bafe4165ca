package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ports of a server that runs, and of none that has ended. */
class PortsFileTest {
    private static final ProcessHandle SELF = ProcessHandle.current();

    @TempDir
    private Path data;

    private Optional<JsonObject> running(JsonObject ports) {
        var file = new PortsFile(data);
        file.write(ports.put("database_url", "postgresql://u@127.0.0.1:1/d"));
        return file.ofRunningServer();
    }

    @Test
    void theProcessThatWroteItIsFound() {
        var ports = PortsFile.ofProcess(SELF);
        assertEquals(Optional.of(ports), running(ports));
        assertEquals(SELF.pid(), ports.getLong("pid"));
        assertEquals(SELF.info().startInstant().orElseThrow(), ports.getInstant("started"));
    }

    @Test
    void anotherProcessWithItsNumberIsNotTakenForIt() {
        var started = SELF.info().startInstant().orElseThrow().minus(Duration.ofMinutes(10));
        assertEquals(Optional.empty(), running(PortsFile.ofProcess(SELF).put("started", started.toString())));
    }

    @Test
    void aProcessThatHasEndedIsNotFound() throws Exception {
        var ended = new ProcessBuilder("true").start();
        var ports = PortsFile.ofProcess(ended.toHandle());
        ended.waitFor();
        assertEquals(Optional.empty(), running(ports));
    }

    @Test
    void aFileOfTheVersionBeforeIsBelievedByItsNumber() {
        var ports = new JsonObject().put("pid", SELF.pid());
        assertEquals(Optional.of(ports), running(ports));
    }
}

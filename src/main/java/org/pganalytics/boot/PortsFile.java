package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** {@code <data.dir>/ports.json}: where this server can be reached. Holds no secret. */
final class PortsFile {
    private final Path file;

    PortsFile(Path dataDirectory) {
        this.file = dataDirectory.resolve("ports.json");
    }

    /** Written whole or not at all. */
    void write(JsonObject ports) {
        try {
            Files.createDirectories(file.getParent());
            var fresh = Files.createTempFile(file.getParent(), "ports", ".tmp");
            Files.writeString(fresh, ports.encodePrettily() + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    Optional<JsonObject> read() {
        try {
            return Files.exists(file) ? Optional.of(new JsonObject(Files.readString(file))) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** What stands in it when the process that wrote it lives and has a database of its own. */
    Optional<JsonObject> ofRunningServer() {
        return read().filter(ports -> ports.containsKey("database_url"))
                .filter(ports -> ProcessHandle.of(ports.getLong("pid", -1L)).isPresent());
    }

    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    Path path() {
        return file;
    }
}

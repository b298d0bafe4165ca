package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** {@code <data.dir>/ports.json}: where this server can be reached. Holds no secret. */
final class PortsFile {
    private static final Duration CLOCK_SET_MAX = Duration.ofSeconds(10);

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
        return read().filter(ports -> ports.containsKey("database_url")).filter(PortsFile::isOfRunningProcess);
    }

    /** With its start: the system gives the number of a process that has ended to another one. */
    static JsonObject ofProcess(ProcessHandle process) {
        var ports = new JsonObject().put("pid", process.pid());
        process.info().startInstant().ifPresent(start -> ports.put("started", start.toString()));
        return ports;
    }

    private static boolean isOfRunningProcess(JsonObject ports) {
        var started = Optional.ofNullable(ports.getInstant("started"));
        return ProcessHandle.of(ports.getLong("pid", -1L))
                .map(process -> process.info().startInstant())
                .filter(start -> start.isEmpty() || started.isEmpty() || same(start.get(), started.get()))
                .isPresent();
    }

    /** Each process works it out of the system's clock by itself, which may have been set meanwhile. */
    private static boolean same(Instant start, Instant other) {
        return Duration.between(start, other).abs().compareTo(CLOCK_SET_MAX) <= 0;
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

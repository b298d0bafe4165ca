package org.pganalytics.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** {@code <data.dir>/admin-token}: where the demo keeps its admin token, for its owner only. A server keeps none. */
final class AdminTokenFile {
    private final Path file;

    AdminTokenFile(Path dataDirectory) {
        this.file = dataDirectory.resolve("admin-token");
    }

    /** Replaces one of an earlier database. */
    void write(String token) {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, ownerOnly);
            Files.writeString(file, token + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    boolean exists() {
        return Files.exists(file);
    }

    Path path() {
        return file;
    }
}

package org.pganalytics.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where the demo keeps a secret of its own, for its owner only. A server keeps none. */
final class SecretFile {
    private final Path file;

    private SecretFile(Path file) {
        this.file = file;
    }

    static SecretFile adminToken(Path dataDirectory) {
        return new SecretFile(dataDirectory.resolve("admin-token"));
    }

    /** With which the first admin chooses a password. */
    static SecretFile adminCode(Path dataDirectory) {
        return new SecretFile(dataDirectory.resolve("admin-code"));
    }

    static SecretFile registration(Path dataDirectory) {
        return new SecretFile(dataDirectory.resolve("registration-secret"));
    }

    /** Replaces one of an earlier database. */
    void write(String secret) {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, ownerOnly);
            Files.writeString(file, secret + "\n");
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

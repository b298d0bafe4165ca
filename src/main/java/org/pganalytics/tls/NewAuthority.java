package org.pganalytics.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Makes the authority that certifies collectors: a key that only its owner may read, and a certificate. Blocking. */
public final class NewAuthority {
    private NewAuthority() {}

    /**
     * Overwrites nothing.
     *
     * @throws IOException when a file is there already or cannot be written: why, and what to do
     */
    public static void write(Path certificate, Path key, String name, Duration lifetime, Clock clock)
            throws IOException {
        for (var file : List.of(certificate, key)) {
            if (Files.exists(file)) {
                throw new IOException(file + " is there already");
            }
            requireFolder(file.toAbsolutePath().getParent(), file);
        }
        var keys = CertificateRequests.newKey();
        var now = clock.instant();
        var made =
                CertificateMaker.ofAuthority(keys, name, now.minusSeconds(60), now.plus(lifetime), new SecureRandom());
        create(key, "rw-------");
        try {
            fill(key, CertificateRequests.keyText(keys));
            create(certificate, "rw-r--r--");
            fill(certificate, CertificateMaker.pem(made));
        } catch (IOException half) {
            // Else the next attempt would find a key in its way that belongs to nothing.
            Files.deleteIfExists(key);
            throw half;
        }
    }

    /** Made by no command: who mistyped a path would have a key somewhere. */
    private static void requireFolder(Path folder, Path file) throws IOException {
        if (!Files.exists(folder)) {
            throw new IOException(
                    "the folder of %s does not exist: make it first, mkdir -p %s".formatted(file, folder));
        }
        if (!Files.isDirectory(folder)) {
            throw new IOException("%s is to be in %s, which is no folder".formatted(file, folder));
        }
    }

    private static void create(Path file, String rights) throws IOException {
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights)));
            } else {
                Files.createFile(file);
            }
        } catch (AccessDeniedException denied) {
            throw new IOException(
                    "the user %s may not write into the folder of %s: let it, or name another one"
                            .formatted(System.getProperty("user.name"), file),
                    denied);
        }
    }

    private static void fill(Path file, String text) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }
}

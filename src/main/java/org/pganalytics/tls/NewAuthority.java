package org.pganalytics.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;

/** Makes the authority that certifies collectors: a key that only its owner may read, and a certificate. Blocking. */
public final class NewAuthority {
    private NewAuthority() {}

    /**
     * Overwrites nothing.
     *
     * @throws IOException when a file is there already, or cannot be written
     */
    public static void write(Path certificate, Path key, String name, Duration lifetime, Clock clock)
            throws IOException {
        if (Files.exists(certificate)) {
            throw new IOException(certificate + " is there already");
        }
        var keys = CertificateRequests.newKey();
        var now = clock.instant();
        var made =
                CertificateMaker.ofAuthority(keys, name, now.minusSeconds(60), now.plus(lifetime), new SecureRandom());
        writeKey(key, CertificateRequests.keyText(keys));
        Files.writeString(certificate, CertificateMaker.pem(made), StandardOpenOption.CREATE_NEW);
    }

    private static void writeKey(Path key, String text) throws IOException {
        if (key.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(key);
        }
        try (var channel = Files.newByteChannel(key, Set.of(StandardOpenOption.WRITE))) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}

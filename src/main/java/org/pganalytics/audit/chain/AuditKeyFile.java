package org.pganalytics.audit.chain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * The file with the audit's keys, which lies outside the database and is the same on every server. A line a key: {@code hmac
 * ID KEY}, {@code sign ID PRIVATE PUBLIC}, {@code public ID PUBLIC}, in base64; the last {@code hmac} and the last {@code
 * sign} are used, the others verify what is older. Blocking.
 */
public final class AuditKeyFile {
    private static final String KEY = "audit.key-file";
    private static final int BYTES_MAX = 1 << 20;
    private static final Set<PosixFilePermission> NOBODY_ELSES = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);
    private static final String HEAD = """
            # The keys of pgAnalytics' audit. Keep a copy where the database's backups are not: without it nobody can tell
            # whether the audit was bent, and whoever has it and the database can bend it. The same file on every server.
            """;

    private AuditKeyFile() {}

    /** @throws IllegalArgumentException in one line: it is missing, open to others or no file of keys */
    public static AuditKeys read(Path file) {
        requirePrivate(file);
        var keys = parse(file);
        if (!keys.canProve()) {
            throw new IllegalArgumentException("%s = %s has no hmac or no sign line".formatted(KEY, file));
        }
        return keys;
    }

    /** The same of a file that may hold public keys only, and then may be anybody's to read. */
    public static AuditKeys readForVerifying(Path file) {
        var keys = parse(file);
        if (!keys.hmacs().isEmpty() || keys.signer() != null) {
            requirePrivate(file);
        }
        if (keys.signers().isEmpty()) {
            throw new IllegalArgumentException("%s has no sign or public line".formatted(file));
        }
        return keys;
    }

    /** Makes one with new keys, which only its owner may read; overwrites nothing. */
    public static AuditKeys create(Path file, SecureRandom random) throws IOException {
        try {
            var pair = KeyPairGenerator.getInstance(AuditKeys.SIGNING).generateKeyPair();
            var hmac = new byte[Hashes.BYTES];
            random.nextBytes(hmac);
            var name = new byte[4];
            random.nextBytes(name);
            var id = HexFormat.of().formatHex(name);
            var base64 = Base64.getEncoder();
            write(
                    file,
                    HEAD
                            + "hmac h-%s %s%n".formatted(id, base64.encodeToString(hmac))
                            + "sign s-%s %s %s%n"
                                    .formatted(
                                            id,
                                            base64.encodeToString(
                                                    pair.getPrivate().getEncoded()),
                                            base64.encodeToString(
                                                    pair.getPublic().getEncoded())));
            return read(file);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + AuditKeys.SIGNING, impossible);
        }
    }

    private static void write(Path file, String text) throws IOException {
        var rights = file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createFile(file, rights);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + " is there already", e);
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static AuditKeys parse(Path file) {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IllegalArgumentException("%s = %s is no file of keys: too large".formatted(KEY, file));
            }
            return AuditKeyLines.parse(KEY + " = " + file, Files.readAllLines(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The group may read: a Secret that is mounted with defaultMode 0440 is root's, and the group is the server's alone. */
    private static void requirePrivate(Path file) {
        try {
            if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                return;
            }
            var rights = EnumSet.noneOf(PosixFilePermission.class);
            rights.addAll(Files.getPosixFilePermissions(file));
            rights.retainAll(NOBODY_ELSES);
            if (!rights.isEmpty()) {
                throw new IllegalArgumentException(
                        "%s = %s is open to others (%s): chmod 600 it".formatted(KEY, file, rights));
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static IllegalArgumentException unreadable(Path file, IOException why) {
        return new IllegalArgumentException(
                "%s = %s cannot be read: put the one of the other servers or of the backup there, or make the first one"
                                .formatted(KEY, file)
                        + " with ./pganalytics audit key create --file " + file,
                why);
    }
}

package org.pganalytics.secrets;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A file with keys, a line each, that lies outside the database and is the same on every server. Blocking.
 *
 * @param key of the configuration, for messages
 * @param remedy what to do when it is not there, for messages
 */
public record KeyFile(Path path, String key, String remedy) {
    private static final int BYTES_MAX = 1 << 20;
    private static final Set<PosixFilePermission> NOBODY_ELSES = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** @throws IllegalArgumentException in one line: it is missing, or larger than 1 MiB */
    public List<String> lines() {
        try {
            if (Files.size(path) > BYTES_MAX) {
                throw new IllegalArgumentException("%s is no file of keys: too large".formatted(this));
            }
            return Files.readAllLines(path, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * The group may read: a Secret that is mounted with defaultMode 0440 is root's, and the group is the server's alone.
     *
     * @throws IllegalArgumentException in one line: it is missing or open to others
     */
    public void requirePrivate() {
        try {
            if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                return;
            }
            var rights = EnumSet.noneOf(PosixFilePermission.class);
            rights.addAll(Files.getPosixFilePermissions(path));
            rights.retainAll(NOBODY_ELSES);
            if (!rights.isEmpty()) {
                throw new IllegalArgumentException("%s is open to others (%s): chmod 600 it".formatted(this, rights));
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Makes it, for its owner alone; overwrites nothing. */
    public void create(String text) throws IOException {
        var rights = path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createFile(path, rights);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(path + " is there already", e);
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** Replaces its text at once and durably, keeping owner and rights: a crash leaves the old one or the new one. */
    public void replace(String text) throws IOException {
        var fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        new KeyFile(fresh, key, remedy).create(text);
        handOver(fresh);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (var folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** Root may rotate the keys of a server that runs as somebody else. */
    private void handOver(Path fresh) throws IOException {
        var of = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        var to = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        if (of != null && to != null) {
            var before = of.readAttributes();
            var now = to.readAttributes();
            if (!before.group().equals(now.group())) {
                to.setGroup(before.group());
            }
            if (!before.owner().equals(now.owner())) {
                to.setOwner(before.owner());
            }
            to.setPermissions(before.permissions());
        }
    }

    private IllegalArgumentException unreadable(IOException why) {
        return new IllegalArgumentException("%s cannot be read: %s".formatted(this, remedy), why);
    }

    /** As messages have it. */
    @Override
    public String toString() {
        return "%s = %s".formatted(key, path);
    }
}

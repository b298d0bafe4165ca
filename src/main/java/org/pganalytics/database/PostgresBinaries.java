package org.pganalytics.database;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.pganalytics.fault.Fault;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of one PostgreSQL version, unpacked.
 *
 * @param version such as {@code 17.11}
 */
record PostgresBinaries(Path folder, String version) {
    private static final String SUFFIX = "-binaries";
    private static final String MARKER = "archive.sha256";
    private static final Pattern VERSION = Pattern.compile("postgres \\(PostgreSQL\\) (\\d+(?:\\.\\d+)*)");

    /** Unpacks below the home, once; whoever finds the folder finds all of it. */
    static PostgresBinaries unpacked(PostgresArchive archive, Path home) throws IOException {
        String digest = digest(archive);
        var known = find(home, digest);
        if (known.isPresent()) {
            return known.get();
        }
        var scratch = Files.createTempDirectory(home, "unpacking");
        unpack(archive, scratch);
        Files.writeString(scratch.resolve(MARKER), digest);
        String version = version(scratch);
        var folder = home.resolve(version + SUFFIX);
        if (Files.exists(folder)) {
            deleteTree(folder);
        }
        Files.move(scratch, folder);
        return new PostgresBinaries(folder, version);
    }

    int major() {
        return Integer.parseInt(version.split("\\.")[0]);
    }

    String program(String name) {
        return folder.resolve("bin").resolve(name).toString();
    }

    private static Optional<PostgresBinaries> find(Path home, String digest) throws IOException {
        try (var folders = Files.newDirectoryStream(home, "*" + SUFFIX)) {
            for (var folder : folders) {
                var marker = folder.resolve(MARKER);
                if (Files.exists(marker) && Files.readString(marker).equals(digest)) {
                    String name = folder.getFileName().toString();
                    return Optional.of(
                            new PostgresBinaries(folder, name.substring(0, name.length() - SUFFIX.length())));
                }
            }
        }
        return Optional.empty();
    }

    private static String version(Path folder) {
        String printed = SystemCommand.run(
                List.of(folder.resolve("bin/postgres").toString(), "--version"), folder, Duration.ofSeconds(30));
        var matcher = VERSION.matcher(printed);
        if (!matcher.find()) {
            throw Fault.STORE_DOWN.because("the embedded PostgreSQL calls itself '%s'".formatted(printed));
        }
        return matcher.group(1);
    }

    private static String digest(PostgresArchive archive) throws IOException {
        try (var in = new DigestInputStream(archive.open(), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static void unpack(PostgresArchive archive, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive.open(), 1 << 16)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("the archive leads outside of its folder: " + entry.getName());
                }
                unpack(tar, entry, path);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, path);
        if ((entry.getMode() & 0100) != 0) {
            Files.setPosixFilePermissions(
                    path,
                    EnumSet.of(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.OWNER_EXECUTE,
                            PosixFilePermission.GROUP_READ,
                            PosixFilePermission.GROUP_EXECUTE,
                            PosixFilePermission.OTHERS_READ,
                            PosixFilePermission.OTHERS_EXECUTE));
        }
    }

    static void deleteTree(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}

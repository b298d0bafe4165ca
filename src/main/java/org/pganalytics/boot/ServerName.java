package org.pganalytics.boot;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * What a server is called: the same after a restart, another one for each server on a database.
 *
 * @param shown its host and data directory, for people
 * @param unique the same with what it drew once and keeps in {@code <data.dir>/server-id}: hosts made from one image may be
 *     called the same, and must not be taken for one server by those who share a Redis
 */
record ServerName(String shown, String unique) {
    private static final Path KERNEL_HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");

    /** Reads files, and may ask for the host's name: not for an event loop. */
    static ServerName of(Path dataDirectory, Map<String, String> environment, RandomGenerator random) {
        var shown = host(environment) + ":" + dataDirectory.toAbsolutePath();
        var file = dataDirectory.resolve("server-id");
        try {
            return new ServerName(shown, shown + "#" + id(file, random));
        } catch (IOException e) {
            throw new CommandFailure("cannot read or write " + file + ": " + e);
        }
    }

    /** Shells know HOSTNAME and do not hand it on, containers have it. */
    private static String host(Map<String, String> environment) {
        var told = environment.getOrDefault("HOSTNAME", "");
        return told.isBlank() ? ownHost() : told;
    }

    private static String ownHost() {
        try {
            return Files.isReadable(KERNEL_HOST_NAME)
                    ? Files.readString(KERNEL_HOST_NAME).strip()
                    : InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "localhost";
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + KERNEL_HOST_NAME + ": " + e);
        }
    }

    /** One that is damaged is drawn anew: nothing depends on it but who is who. */
    private static String id(Path file, RandomGenerator random) throws IOException {
        if (Files.exists(file)) {
            var kept = Files.readString(file).strip();
            if (ID.matcher(kept).matches()) {
                return kept;
            }
        }
        var drawn = HexFormat.of().toHexDigits(random.nextLong());
        Files.createDirectories(file.toAbsolutePath().getParent(), OWNER_ONLY);
        var fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "server-id", ".tmp");
        Files.writeString(fresh, drawn + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return drawn;
    }
}

package org.pganalytics.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A folder on a small disk of its own, which can be filled; or on none where this process may not mount one. */
final class FaultDisk {
    /** Set by who gives this process mounts of its own, which go with it. */
    private static final String OWN_MOUNTS = "FAULTS_OWN_MOUNTS";

    private static final String SIZE = "3g";
    private static final int PIECE = 1 << 20;
    private static final int LEAST_PIECE = 1 << 12;

    private final Path folder;

    private FaultDisk(Path folder) {
        this.folder = folder;
    }

    static Optional<String> missing() {
        return "yes".equals(System.getenv(OWN_MOUNTS))
                ? Optional.empty()
                : Optional.of("only root may mount a small disk, in a mount namespace of perf/faults' own");
    }

    /** @param folder made; what is in it later is on that disk */
    static FaultDisk on(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        if (missing().isEmpty()) {
            var image = folder.resolveSibling("disk.img").toString();
            var mount = "truncate -s %s \"$0\" && mkfs.ext4 -q -F \"$0\" && mount -o loop \"$0\" \"$1\"";
            // Nobody needs the name of the image any more: its blocks go with the mount, however this run ends.
            var command = mount.formatted(SIZE) + " && chmod 755 \"$1\" && rm \"$0\"";
            int code = new ProcessBuilder("sh", "-c", command, image, folder.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IOException("no disk of its own for " + folder);
            }
        }
        return new FaultDisk(folder);
    }

    /** The disk goes with the last file on it that is open. */
    static void leave(Path folder) throws IOException, InterruptedException {
        if (missing().isEmpty() && Files.exists(folder)) {
            new ProcessBuilder("umount", "--quiet", "--lazy", folder.toString())
                    .start()
                    .waitFor();
        }
    }

    /** To the last block. */
    void fill() throws IOException {
        for (int piece = PIECE; piece >= LEAST_PIECE; piece >>= 4) {
            try (var out = Files.newOutputStream(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(new byte[piece]);
                }
            } catch (IOException full) {
                if (!String.valueOf(full.getMessage()).contains("No space left")) {
                    throw full;
                }
            }
        }
    }

    void makeRoom() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }
}

package org.pganalytics.audit.chain;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was sealed, told outside the database: a line of JSON a checkpoint, only added to. Opened for each, so that it may be
 * moved away at any time. Blocking.
 */
public final class CheckpointFile {
    private static final int LINE_BYTES_MAX = 4_096;

    private final Path file;

    public CheckpointFile(Path file) {
        this.file = file;
    }

    /** Durable when it returns. */
    void add(Checkpoint checkpoint) throws IOException {
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            var bytes = ByteBuffer.wrap((checkpoint.json().encode() + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** The last one; empty when the file is not there, or ends in something else. */
    Optional<Checkpoint> last() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var tail = ByteBuffer.allocate((int) Math.min(LINE_BYTES_MAX, channel.size()));
            channel.position(channel.size() - tail.capacity());
            while (tail.hasRemaining() && channel.read(tail) >= 0) {
                // Until all of it is there.
            }
            var lines = new String(tail.array(), StandardCharsets.UTF_8).strip().split("\n");
            return Optional.of(Checkpoint.of(new JsonObject(lines[lines.length - 1])));
        } catch (RuntimeException noCheckpoint) {
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException naming the line that is no checkpoint */
    static List<Checkpoint> read(Path file) throws IOException {
        var all = new ArrayList<Checkpoint>();
        try (var lines = Files.newBufferedReader(file)) {
            int number = 1;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    all.add(checkpoint(file, number, line));
                }
                number++;
            }
        }
        return all;
    }

    private static Checkpoint checkpoint(Path file, int number, String line) {
        try {
            return Checkpoint.of(new JsonObject(line));
        } catch (RuntimeException wrong) {
            throw new IllegalArgumentException("%s, line %d is no checkpoint".formatted(file, number), wrong);
        }
    }
}

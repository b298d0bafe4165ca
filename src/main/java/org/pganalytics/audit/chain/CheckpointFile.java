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

/**
 * What was sealed, told outside the database: a line of JSON a checkpoint, only added to. Opened for each, so that it may be
 * moved away at any time. Blocking.
 */
public final class CheckpointFile {
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

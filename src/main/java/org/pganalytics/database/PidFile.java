package org.pganalytics.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a postmaster writes about itself into its data folder. @param port 0 while it does not listen yet */
record PidFile(long pid, Path data, int port, boolean ready) {
    static final String NAME = "postmaster.pid";

    /** Reads it; empty when there is none, or none that makes sense. */
    static Optional<PidFile> read(Path data) {
        try {
            var file = data.resolve(NAME);
            return Files.exists(file)
                    ? parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                            .lines()
                            .toList())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<PidFile> parse(List<String> lines) {
        try {
            if (lines.size() < 3) {
                return Optional.empty();
            }
            int port = lines.size() > 3 ? Integer.parseInt(lines.get(3).strip()) : 0;
            boolean ready = lines.size() > 7 && lines.get(7).strip().equals("ready");
            return Optional.of(
                    new PidFile(Long.parseLong(lines.get(0).strip()), Path.of(lines.get(1)), port, ready && port > 0));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

package org.pganalytics.audit.chain;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Verifies a chain where it stands, or takes it along in a file and verifies it there: both see the same items. */
public final class ChainAudit {
    private static final String END = "end";

    private ChainAudit() {}

    public static Future<Verdict> verify(Vertx vertx, Pool pool, ChainVerifier verifier) {
        return pool.withConnection(connection -> ChainReader.read(vertx, connection, verifier::take))
                .map(read -> verifier.end());
    }

    /** Writes all of it, bent or not; overwrites nothing. @return how many lines */
    public static Future<Long> export(Vertx vertx, Pool pool, Path file) {
        return vertx.executeBlocking(() -> Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW))
                .compose(writer -> {
                    var lines = new long[1];
                    return pool.withConnection(connection -> ChainReader.read(vertx, connection, item -> {
                                lines[0]++;
                                write(writer, ChainLines.of(item));
                            }))
                            .compose(read -> vertx.executeBlocking(() -> {
                                write(writer, new JsonObject().put("type", END).put("lines", lines[0]));
                                return lines[0];
                            }))
                            .eventually(() -> vertx.executeBlocking(() -> {
                                writer.close();
                                return null;
                            }));
                });
    }

    private static void write(BufferedWriter writer, JsonObject line) {
        try {
            writer.write(line.encode());
            writer.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Blocking. @throws IllegalArgumentException naming the line that is none of an export, or when its end is missing */
    public static Verdict verify(Path file, ChainVerifier verifier) throws IOException {
        try (var lines = Files.newBufferedReader(file)) {
            long number = 0;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var json = json(file, number + 1, line);
                if (END.equals(json.getString("type"))) {
                    return ended(file, json, number, verifier);
                }
                verifier.take(item(file, number + 1, json));
                number++;
            }
            throw new IllegalArgumentException("%s has no end: it was cut off after line %d".formatted(file, number));
        }
    }

    private static Verdict ended(Path file, JsonObject end, long lines, ChainVerifier verifier) {
        if (end.getLong("lines", -1L) != lines) {
            throw new IllegalArgumentException(
                    "%s has %d lines, and its end says %s".formatted(file, lines, end.getValue("lines")));
        }
        return verifier.end();
    }

    private static JsonObject json(Path file, long number, String line) {
        try {
            return new JsonObject(line);
        } catch (RuntimeException wrong) {
            throw new IllegalArgumentException("%s, line %d is no JSON object".formatted(file, number), wrong);
        }
    }

    private static ChainItem item(Path file, long number, JsonObject json) {
        try {
            return ChainLines.item(json);
        } catch (RuntimeException wrong) {
            throw new IllegalArgumentException("%s, line %d is none of an export".formatted(file, number), wrong);
        }
    }
}

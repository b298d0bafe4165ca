package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.KeyFile;
import org.pganalytics.secrets.KeyRing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys under which secrets in the database are sealed: from the environment, from a file, or made by the first start with
 * the embedded database. A server without them runs, but takes nothing that would have to be sealed.
 */
final class SealKeys {
    private static final Logger LOG = LoggerFactory.getLogger(SealKeys.class);
    private static final String HEAD = """
            # The keys under which pgAnalytics seals secrets in its database. Keep a copy where the database's backups are not:
            # without it these secrets are lost, and whoever has it and the database has them. The same file on every server.
            """;

    private final ServerConfig config;
    private volatile Optional<KeyRing> ring = Optional.empty();

    SealKeys(ServerConfig config) {
        this.config = config;
    }

    /** Before anything else: a server whose keys are not as they were said to be does not start. */
    Future<Void> read(Vertx vertx) {
        return vertx.executeBlocking(() -> {
            ring = given();
            return null;
        });
    }

    private Optional<KeyRing> given() {
        try {
            if (!config.secrets().keys().isEmpty()) {
                return Optional.of(KeyRing.parse(
                        "secrets.keys", List.of(config.secrets().keys().split(";"))));
            }
            return path().filter(path -> config.secrets().keysFile() != null || Files.exists(path))
                    .map(SealKeys::read);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(wrong.getMessage());
        }
    }

    private static KeyRing read(Path path) {
        var file = file(path);
        file.requirePrivate();
        return KeyRing.parse(file.toString(), file.lines());
    }

    private static KeyFile file(Path path) {
        return new KeyFile(
                path,
                "secrets.keys-file",
                "put the one of the other servers or of the backup there, or make the first one with ./pganalytics keys"
                        + " create --file "
                        + path);
    }

    private Optional<Path> path() {
        return Optional.ofNullable(config.secrets().keysFile())
                .or(() -> config.database().isEmbedded()
                        ? Optional.of(config.dataDirectory().resolve("secrets.keys"))
                        : Optional.empty());
    }

    /** Makes them, with the embedded database; fails where there are sealed secrets and no key at all. */
    Future<Void> open(Foundation foundation) {
        if (ring.isPresent()) {
            return Future.succeededFuture();
        }
        return foundation
                .database()
                .controlPool()
                .query("SELECT EXISTS (SELECT FROM person_totp)")
                .execute()
                .compose(rows -> rows.iterator().next().getBoolean(0) ? missing() : make(foundation.vertx()));
    }

    private Future<Void> missing() {
        return Future.failedFuture(new CommandFailure(
                "the keys are missing under which secrets in the database are sealed: put the file of the other servers or"
                        + " of the backup to where secrets.keys-file says"
                        + path().map(" (%s)"::formatted).orElse("")));
    }

    private Future<Void> make(Vertx vertx) {
        if (!config.database().isEmbedded()) {
            return Future.succeededFuture();
        }
        return vertx.executeBlocking(() -> {
            var path = path().orElseThrow();
            create(path);
            ring = Optional.of(read(path));
            LOG.warn(
                    "made the keys for secrets in the database in {}: keep a copy of it apart from the database", path);
            return null;
        });
    }

    /** With one new key; overwrites nothing. Blocking. */
    static void create(Path path) {
        try {
            file(path).create(HEAD + KeyRing.newLine(new SecureRandom()));
        } catch (IOException e) {
            throw new CommandFailure("the keys for secrets in the database could not be written: " + e.getMessage());
        }
    }

    /** Empty without keys. */
    Optional<Envelope> envelope() {
        return ring.map(keys -> new Envelope(keys, new SecureRandom()));
    }
}

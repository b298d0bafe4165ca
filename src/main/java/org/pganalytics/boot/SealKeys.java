package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.identity.sealed.RewrapVerticle;
import org.pganalytics.identity.sealed.SealedValues;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.KeyFile;
import org.pganalytics.secrets.KeyRing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys under which secrets in the database are sealed: from the environment, from a file, or made by the first start
 * with the embedded database. A server without them runs, but takes nothing that would have to be sealed.
 */
final class SealKeys {
    private static final Logger LOG = LoggerFactory.getLogger(SealKeys.class);
    private static final String HEAD = """
            # The keys under which pgAnalytics seals secrets in its database. Keep a copy where its backups are not:
            # without it these secrets are lost, and whoever has it and the database has them. The same on every server.
            """;

    private final ServerConfig config;
    private volatile Optional<KeyRing> ring = Optional.empty();
    private volatile SealedValues values;
    private volatile Optional<RewrapVerticle> rewrapping = Optional.empty();

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
            return path(config)
                    .filter(path -> config.secrets().keysFile() != null || Files.exists(path))
                    .map(SealKeys::read);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(wrong.getMessage());
        }
    }

    /** Blocking. @throws IllegalArgumentException in one line */
    static KeyRing read(Path path) {
        var file = file(path);
        file.requirePrivate();
        return KeyRing.parse(file.toString(), file.lines());
    }

    /** Where the keys are to be found by these settings; empty when they are given as text, or there are to be none. */
    static Optional<Path> path(ServerConfig config) {
        return !config.secrets().keys().isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(config.secrets().keysFile())
                        .or(() -> config.database().isEmbedded()
                                ? Optional.of(config.dataDirectory().resolve("secrets.keys"))
                                : Optional.empty());
    }

    private static KeyFile file(Path path) {
        return new KeyFile(
                path,
                "secrets.keys-file",
                "put the one of the other servers or of the backup there, or make the first one with ./pganalytics keys"
                        + " create --file "
                        + path);
    }

    /** Makes them, with the embedded database; fails where a value is sealed under a key that is not there. */
    Future<Void> open(Foundation foundation, AuditTrail audit) {
        values = new SealedValues(foundation.database().controlPool(), audit);
        return values.discard(lost()).compose(gone -> values.countByKey()).compose(counts -> {
            requireKeysOf(counts.keySet(), ring);
            return ring.isPresent() ? Future.succeededFuture() : make(foundation.vertx());
        });
    }

    private List<String> lost() {
        var lost = config.secrets().lostKeys();
        var here = ring.stream()
                .flatMap(keys -> keys.ids().stream())
                .filter(lost::contains)
                .toList();
        if (!here.isEmpty()) {
            throw new CommandFailure("secrets.lost-keys names keys that are here, %s: leave them out".formatted(here));
        }
        return lost;
    }

    private void requireKeysOf(Set<String> used, Optional<KeyRing> keys) {
        var missing = new TreeSet<>(used);
        keys.ifPresent(present -> present.ids().forEach(missing::remove));
        if (!missing.isEmpty()) {
            throw new CommandFailure(
                    "secrets in the database are sealed under keys that are not here, %s: put the file of the other servers"
                                    .formatted(missing)
                            + " or of the backup to where secrets.keys-file says"
                            + path(config).map(" (%s)"::formatted).orElse("")
                            + "; where nobody has it any more, see docs/runbooks/keys-lost.md");
        }
    }

    private Future<Void> make(Vertx vertx) {
        if (!config.database().isEmbedded()) {
            return Future.succeededFuture();
        }
        return vertx.executeBlocking(() -> {
            var path = path(config).orElseThrow();
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
            file(path).create(HEAD + KeyRing.create(new SecureRandom()).text());
        } catch (IOException e) {
            throw new CommandFailure("the keys for secrets in the database could not be written: " + e.getMessage());
        }
    }

    /** Puts these keys in place of those of the file. Blocking. */
    static void replace(Path path, KeyRing ring) {
        try {
            file(path).replace(HEAD + ring.text());
        } catch (IOException e) {
            throw new CommandFailure("the keys for secrets in the database could not be written: " + e.getMessage());
        }
    }

    /** Empty without keys. */
    Optional<Envelope> envelope() {
        return ring.map(keys -> new Envelope(this::ring, new SecureRandom()));
    }

    private KeyRing ring() {
        return ring.orElseThrow();
    }

    /** Seals anew what is under keys that seal no longer; empty without keys. To be deployed. */
    Optional<VerticleBase> rewrapping() {
        rewrapping = envelope().map(envelope -> new RewrapVerticle(values, envelope, this::ring));
        return rewrapping.map(verticle -> verticle);
    }

    /** Reads the file again; one that is wrong changes nothing. A server that had none takes them at its next start. */
    void reload(Vertx vertx) {
        if (ring.isPresent()) {
            vertx.executeBlocking(this::given)
                    .compose(fresh -> values.countByKey().map(counts -> {
                        requireKeysOf(counts.keySet(), fresh);
                        return fresh;
                    }))
                    .onSuccess(this::take)
                    .onFailure(wrong -> LOG.error("reload: the keys stay as they are: {}", wrong.getMessage()));
        }
    }

    private void take(Optional<KeyRing> fresh) {
        if (!fresh.map(KeyRing::text).equals(ring.map(KeyRing::text))) {
            ring = fresh;
            LOG.info("reload: the key {} seals secrets from now on, and {} open them", ring().current(), ring().ids());
        }
        rewrapping.ifPresent(RewrapVerticle::look);
    }
}

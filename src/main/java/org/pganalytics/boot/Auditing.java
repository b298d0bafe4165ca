package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.audit.chain.AuditKeyFile;
import org.pganalytics.audit.chain.AuditKeys;
import org.pganalytics.audit.chain.CheckpointFile;
import org.pganalytics.audit.chain.Prover;
import org.pganalytics.audit.chain.Sealer;
import org.pganalytics.audit.chain.UnsealedWatch;
import org.pganalytics.config.ServerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audit's keys and what is done with them: proving events, and sealing them into one chain. */
final class Auditing {
    private static final Logger LOG = LoggerFactory.getLogger(Auditing.class);
    private static final String UNPROTECTED =
            "nothing proves the audit's events: audit.key-file is not set (./pganalytics audit key create makes one)";

    private final ServerConfig config;
    private final Clock clock;
    private volatile Optional<AuditKeys> keys = Optional.empty();
    private volatile Prover prover;
    private volatile Sealer sealer;
    private volatile UnsealedWatch watch;
    private final List<Supplier<Future<Void>>> undeploying = new CopyOnWriteArrayList<>();

    Auditing(ServerConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** Where the keys are, or are made with the embedded database; empty when there are to be none. */
    static Optional<Path> keyFile(ServerConfig config) {
        return Optional.ofNullable(config.audit().keyFile()).or(() -> beside(config, "audit.keys"));
    }

    static Optional<Path> checkpointFile(ServerConfig config) {
        return Optional.ofNullable(config.audit().checkpointFile()).or(() -> beside(config, "audit.checkpoints"));
    }

    private static Optional<Path> beside(ServerConfig config, String name) {
        return config.database().isEmbedded()
                ? Optional.of(config.dataDirectory().resolve(name))
                : Optional.empty();
    }

    /** For a command beside the server. Blocking. */
    static AuditTrail trail(ServerConfig config) {
        var keys = keyFile(config).map(Auditing::read);
        return new AuditTrail(new Prover(keys, new SecureRandom()), Clock.systemUTC());
    }

    static AuditKeys read(Path file) {
        try {
            return AuditKeyFile.read(file);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(wrong.getMessage());
        }
    }

    /** Before anything else: a server whose keys are not there does not start. */
    Future<Void> openKeys(Vertx vertx) {
        return vertx.executeBlocking(() -> {
            keys = config.audit().keyFile() == null
                    ? keyFile(config).filter(Files::exists).map(Auditing::read)
                    : keyFile(config).map(Auditing::read);
            return null;
        });
    }

    /** With the embedded database the keys are made by the first start. */
    Future<Void> open(Foundation foundation) {
        if (keys.isPresent() || !config.database().isEmbedded()) {
            return opened();
        }
        return foundation
                .database()
                .controlPool()
                .query("SELECT EXISTS (SELECT FROM audit_checkpoint)")
                .execute()
                .compose(rows -> make(foundation.vertx(), rows.iterator().next().getBoolean(0)))
                .compose(made -> opened());
    }

    private Future<Void> make(Vertx vertx, boolean hasChain) {
        var file = keyFile(config).orElseThrow();
        if (hasChain) {
            return Future.failedFuture(new CommandFailure(
                    "%s is missing, with which the audit's events were proven: put it back from its backup; should there"
                                    .formatted(file)
                            + " be none, ./pganalytics audit key create --file %s makes another, and what is older can no"
                                    .formatted(file)
                            + " longer be verified"));
        }
        return vertx.executeBlocking(() -> {
            keys = Optional.of(created(file));
            LOG.warn("made the keys of the audit in {}: keep a copy of it apart from the database", file);
            return null;
        });
    }

    private static AuditKeys created(Path file) {
        try {
            return AuditKeyFile.create(file, new SecureRandom());
        } catch (IOException e) {
            throw new CommandFailure("the keys of the audit could not be written: " + e.getMessage());
        }
    }

    private Future<Void> opened() {
        prover = new Prover(keys, new SecureRandom());
        if (keys.isEmpty()) {
            LOG.warn(UNPROTECTED);
        }
        return Future.succeededFuture();
    }

    /** From now on this server seals when it leads; without keys nobody does. */
    Future<Void> seal(Foundation foundation) {
        if (keys.isEmpty()) {
            return Future.succeededFuture();
        }
        var database = foundation.database();
        sealer = new Sealer(
                foundation.leadership("audit"),
                keys.get(),
                new Sealer.Settings(
                        checkpointFile(config).map(CheckpointFile::new),
                        config.audit().sealEvery(),
                        config.audit().retention()),
                clock,
                foundation.meters());
        watch = new UnsealedWatch(database.controlPool(), foundation.meters());
        return Future.all(deployed(foundation.vertx(), watch), deployed(foundation.vertx(), sealer))
                .mapEmpty();
    }

    private Future<String> deployed(Vertx vertx, VerticleBase verticle) {
        return vertx.deployVerticle(verticle).onSuccess(id -> undeploying.add(() -> vertx.undeploy(id)));
    }

    /** What is there still is sealed first. */
    Future<Void> close() {
        return Future.join(undeploying.stream().map(Supplier::get).toList()).mapEmpty();
    }

    Prover prover() {
        return prover;
    }

    AuditTrail trail() {
        return new AuditTrail(prover, clock);
    }

    /** What is to be told of it; empty when all is well, and while it is not open. */
    Optional<String> problem() {
        if (prover == null) {
            return Optional.empty();
        }
        return keys.isEmpty()
                ? Optional.of(UNPROTECTED)
                : Optional.ofNullable(sealer)
                        .flatMap(Sealer::problem)
                        .or(() -> Optional.ofNullable(watch).flatMap(UnsealedWatch::problem));
    }
}

package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.pganalytics.tls.Certificates;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the collector's certificate on disk, in one file with its key, and has it shown to servers: from a server, renewed
 * at two thirds of its life; or from files, looked at now and then. Lives on one event loop.
 */
final class CertificateKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateKeeper.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** Also after a certificate was had: whatever a server answers, it is not asked with each look. */
    private static final Duration REST = Duration.ofSeconds(30);

    private static final Duration FILES_EVERY = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final CertificateConfig config;
    private final Path file;
    private final Credentials credentials;
    private final ServerClients clients;
    private final CertificateOffice office;
    private final Clock clock;
    private Optional<KeptCertificate> kept = Optional.empty();
    private Optional<PemKeyCertOptions> shown = Optional.empty();
    private Future<Boolean> working = Future.succeededFuture(false);
    private boolean isOffered = true;
    private long notBeforeMillis;
    private long timer = -1;

    private CertificateKeeper(
            Vertx vertx, CollectorConfig config, Credentials credentials, ServerClients clients, Clock clock) {
        this.vertx = vertx;
        this.config = config.certificate();
        this.file = file(config);
        this.credentials = credentials;
        this.clients = clients;
        this.office = new CertificateOffice(vertx, config, clients, clock);
        this.clock = clock;
    }

    /** Shows what an earlier run kept, or what the files hold. */
    static Future<CertificateKeeper> open(
            Vertx vertx, CollectorConfig config, Credentials credentials, ServerClients clients, Clock clock) {
        var keeper = new CertificateKeeper(vertx, config, credentials, clients, clock);
        return switch (config.certificate().from()) {
            case NONE -> Future.succeededFuture(keeper);
            case FILES -> keeper.readFiles().map(keeper);
            // Another one can be had; without a spool and a token the agent could do nothing, without this it can.
            case SERVER ->
                vertx.executeBlocking(() -> read(keeper.file))
                        .onFailure(failure -> LOG.warn("{} is not used: {}", keeper.file, FailureText.of(failure)))
                        .otherwise(Optional.empty())
                        .map(keeper::starting);
        };
    }

    /** What would be shown, for who only looks. */
    static Future<Optional<PemKeyCertOptions>> kept(Vertx vertx, CollectorConfig config, Clock clock) {
        var from = config.certificate();
        return switch (from.from()) {
            case NONE -> Future.succeededFuture(Optional.empty());
            case FILES -> vertx.executeBlocking(() -> Optional.of(shown(from, clock)));
            case SERVER ->
                vertx.executeBlocking(() -> read(file(config)))
                        .map(kept ->
                                kept.filter(one -> !one.isOver(clock.millis())).map(KeptCertificate::shown));
        };
    }

    private static Path file(CollectorConfig config) {
        return config.stateDir().resolve("certificate.json");
    }

    /** Blocking. A pair that does not fit is shown to nobody. */
    private static PemKeyCertOptions shown(CertificateConfig files, Clock clock) {
        var pair = Certificates.load("certificate.file", files.file(), "certificate.key", files.key(), clock);
        return new PemKeyCertOptions().addCertValue(pair.chain()).addKeyValue(pair.key());
    }

    private static Optional<KeptCertificate> read(Path file) throws IOException {
        return Files.exists(file)
                ? Optional.of(KeptCertificate.parse(new JsonObject(Files.readString(file)))
                        .usable())
                : Optional.empty();
    }

    private CertificateKeeper starting(Optional<KeptCertificate> earlier) {
        earlier.filter(this::isOurs).ifPresent(this::show);
        return this;
    }

    private boolean isOurs(KeptCertificate one) {
        return !one.isOver(clock.millis())
                && credentials
                        .grant()
                        .filter(grant -> grant.collector().equals(one.collector()))
                        .isPresent();
    }

    private void show(KeptCertificate fresh) {
        kept = Optional.of(fresh);
        show(Optional.of(fresh.shown()));
    }

    private void show(Optional<PemKeyCertOptions> fresh) {
        shown = fresh;
        clients.show(fresh);
    }

    void start() {
        if (config.from() == CertificateConfig.From.SERVER) {
            timer = vertx.setPeriodic(LOOK_EVERY.toMillis(), tick -> look());
        } else if (config.from() == CertificateConfig.From.FILES) {
            timer = vertx.setPeriodic(FILES_EVERY.toMillis(), tick -> readFiles());
        }
    }

    /** Whether servers that ask are shown one. */
    boolean isShown() {
        return shown.isPresent();
    }

    void stop() {
        vertx.cancelTimer(timer);
    }

    private void look() {
        long now = clock.millis();
        boolean due = kept.filter(this::isOurs).map(one -> one.isDue(now)).orElse(true);
        boolean registered =
                credentials.grant().filter(grant -> !grant.isOver(now)).isPresent();
        if (due && registered && now >= notBeforeMillis) {
            obtain();
        }
    }

    /**
     * Gets a certificate when there is none yet, or the one that is shown was refused. Never fails.
     *
     * @return whether another one is shown from the next connection on
     */
    Future<Boolean> certify() {
        return switch (config.from()) {
            case NONE -> Future.succeededFuture(false);
            case FILES -> readFiles();
            case SERVER -> {
                if (kept.filter(this::isOurs).isEmpty()) {
                    showNone();
                }
                // The one that a server refused stays until there is another: the next server may take it.
                yield obtain().map(this::unlessNoneIsOffered);
            }
        };
    }

    /** Where no server certifies any longer, one that is refused is worse than none. */
    private boolean unlessNoneIsOffered(boolean obtained) {
        if (!obtained && !isOffered) {
            showNone();
        }
        return obtained;
    }

    private void showNone() {
        kept = Optional.empty();
        show(Optional.<PemKeyCertOptions>empty());
    }

    private Future<Boolean> obtain() {
        if (working.isComplete()) {
            working = credentials.grant().map(this::obtain).orElse(Future.succeededFuture(false));
        }
        return working;
    }

    private Future<Boolean> obtain(Grant grant) {
        return office.ask(grant)
                .compose(fresh -> vertx.executeBlocking(() -> {
                    PrivateFiles.write(file, fresh.usable().format());
                    return fresh;
                }))
                .map(fresh -> {
                    show(fresh);
                    office.obtained();
                    isOffered = true;
                    notBeforeMillis = clock.millis() + Math.min(REST.toMillis(), fresh.lifetimeMillis() / 3);
                    return true;
                })
                .otherwise(failure -> {
                    isOffered = !CertificateOffice.isNoOffer(failure);
                    notBeforeMillis =
                            clock.millis() + office.comeAgainAfter(failure).toMillis();
                    return false;
                });
    }

    /** What cannot be used leaves the one before. */
    private Future<Boolean> readFiles() {
        return vertx.executeBlocking(() -> shown(config, clock))
                .map(read -> {
                    boolean other = !shown.equals(Optional.of(read));
                    if (other) {
                        show(Optional.of(read));
                    }
                    return other;
                })
                .onFailure(failure -> LOG.warn("the certificate is not read anew: {}", FailureText.of(failure)))
                .otherwise(false);
    }
}

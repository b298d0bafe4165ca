package org.pganalytics.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.pganalytics.admission.Admission;
import org.pganalytics.admission.Gate;
import org.pganalytics.alert.AlertVerticle;
import org.pganalytics.audit.AuditVerticle;
import org.pganalytics.bus.Bus;
import org.pganalytics.cluster.HeldCollectors;
import org.pganalytics.cluster.Notifications;
import org.pganalytics.cluster.Peers;
import org.pganalytics.config.ProfileFile;
import org.pganalytics.config.Reload;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.fleet.ConfigOffice;
import org.pganalytics.fleet.LastSeenVerticle;
import org.pganalytics.http.Contract;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The house: builds the rooms with constructors, opens them in order and closes them in reverse. */
final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final ServerName name;
    private final Foundation foundation;
    private final Vertx vertx;
    private final MeterRegistry meters;
    private final Bus bus;
    private final Clock clock = Clock.systemUTC();
    private final Optional<SharedState> shared;
    private final CollectorPlaces places;
    private final Auditing auditing;
    private final SealKeys sealKeys;
    private final Management management;

    private final List<String> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;
    private boolean portsTold;
    private volatile ServerConfig config;
    private Storehouse storehouse;
    private Admission admission;
    private Gate gate;
    private ConfigOffice configs;
    private PeopleDirectory directory;
    private Notifications notifications;
    private Doors doors;
    private Optional<String> peersDeployed = Optional.empty();
    private volatile Optional<Throwable> unclosed = Optional.empty();
    private Api api;
    private Identity.First first = new Identity.First(Optional.empty(), Optional.empty());

    Server(ServerConfig config) {
        this.config = config;
        this.name = ServerName.of(config.dataDirectory(), System.getenv(), new SecureRandom());
        this.foundation = Foundation.of(config);
        this.vertx = foundation.vertx();
        this.meters = foundation.meters();
        this.bus = new Bus(vertx);
        var held = new HeldCollectors(config.fleet().collectorsMax(), clock, meters);
        this.shared = SharedState.of(config, vertx, bus, name.unique(), held, meters);
        this.places = new CollectorPlaces(vertx, bus, held, shared, name.unique());
        this.auditing = new Auditing(config, clock);
        this.sealKeys = new SealKeys(config);
        this.management = new Management(config, foundation, bus, shared, auditing);
    }

    /** Completes when collectors may come. */
    Future<Void> open() {
        // Read while PostgreSQL starts: it takes a while too.
        var contract = vertx.executeBlocking(Contract::ofClassPath);
        return foundation
                .openCertificates(clock)
                .compose(read -> Future.all(auditing.openKeys(vertx), sealKeys.read(vertx)))
                .compose(read -> management.open())
                .compose(listening -> unlessStopping(foundation::open))
                .compose(migrated -> unlessStopping(() -> auditing.open(foundation)))
                .compose(proving -> unlessStopping(() -> sealKeys.open(foundation, auditing.trail())))
                .compose(proving -> unlessStopping(this::openStore))
                .compose(stored -> unlessStopping(this::openAdmission))
                .compose(admitting -> unlessStopping(this::openListeners))
                .compose(listening -> contract)
                .compose(read -> unlessStopping(() -> openDoors(read)))
                .compose(opened -> api.first())
                .onSuccess(made -> first = made)
                .<Void>mapEmpty()
                .onSuccess(opened -> {
                    management.opened(storehouse);
                    new PortsFile(config.dataDirectory()).write(ports());
                    portsTold = true;
                    LOG.info("ready on the {} tier: {}", foundation.tier(), ports().encode());
                });
    }

    /** Lets an opening under way end with its present step, and fail. */
    void stopOpening() {
        stopping = true;
    }

    private <T> Future<T> unlessStopping(Supplier<Future<T>> step) {
        return stopping ? Future.failedFuture(new CommandFailure("told to stop while starting")) : step.get();
    }

    private Future<Void> openStore() {
        storehouse = new Storehouse(config, foundation, bus, clock);
        return storehouse.open();
    }

    private Future<Void> openAdmission() {
        var pool = foundation.database().controlPool();
        var members = shared.map(SharedState::members);
        var surroundings = new Admission.Surroundings(vertx, pool, bus, auditing.trail(), members, meters);
        admission = new Admission(surroundings, config.admission(), config.v3Tokens(), clock, new SecureRandom());
        gate = admission.gate(storehouse.intake());
        configs = new ConfigOffice(pool, config.fleet(), meters);
        notifications = new Notifications(vertx, foundation.database().connecting(), config.cluster());
        notifications.onConnection(foundation.database()::cutOnMove);
        new Notices(admission, configs, storehouse.families(), bus).hear(notifications);
        foundation.database().onNewConnection(admission::databaseChanged);
        shared.ifPresent(SharedState::open);
        return admission.open(config.registration()).compose(opened -> notifications.start());
    }

    private Future<Void> openListeners() {
        directory = new PeopleDirectory(config, foundation, auditing.trail(), clock);
        var pool = foundation.database().controlPool();
        return Future.all(
                        listen(new AuditVerticle(bus, pool, auditing.prover(), config.audit(), clock, meters)),
                        listen(new AlertVerticle(bus, pool, config.alert(), clock, name.shown(), meters)),
                        listen(new LastSeenVerticle(bus, pool, config.fleet(), clock, meters)),
                        directory.open(this::listen))
                .compose(listening -> auditing.seal(foundation))
                .compose(sealing -> sealKeys.rewrapping().map(this::listen).orElseGet(Future::succeededFuture))
                .mapEmpty();
    }

    private Future<String> listen(VerticleBase listener) {
        return vertx.deployVerticle(listener).onSuccess(listeners::add);
    }

    /** After the store: what it said last is still written down, and sealed. */
    private Future<Void> closeListeners() {
        return Future.join(listeners.stream().map(vertx::undeploy).toList())
                .eventually(auditing::close)
                .mapEmpty();
    }

    private Future<Void> closeNotifications() {
        configs.stop();
        return notifications.stop();
    }

    private Future<Void> openDoors(Contract contract) {
        api = new Api(
                contract,
                config,
                new Api.Behind(
                        vertx,
                        foundation.database(),
                        storehouse.tables(),
                        storehouse.series(),
                        admission,
                        auditing.trail(),
                        sealKeys.envelope(),
                        directory.passwords(),
                        bus,
                        this::profile,
                        places::find,
                        meters),
                clock);
        var behind = new Doors.Behind(
                gate,
                storehouse.ledger(),
                admission,
                configs,
                api::routes,
                bus,
                meters,
                foundation.entrances(),
                foundation.certificates());
        doors = new Doors(config, vertx, behind, clock);
        return doors.open().compose(opened -> openPeers());
    }

    private Future<Void> openPeers() {
        var sessions = doors.sessions();
        var pool = foundation.database().controlPool();
        var peers = new Peers(pool, config.cluster().spread(), sessions::held, sessions::letGo, meters);
        return vertx.deployVerticle(peers)
                .onSuccess(id -> peersDeployed = Optional.of(id))
                .mapEmpty();
    }

    /** Read anew with each profile: families may have come since the start. */
    private Future<String> profile(String document) {
        var families = config.families();
        return vertx.executeBlocking(() -> ProfileFile.handedOut(document, families));
    }

    /** Takes over what may change while running. */
    Reload reload(ServerConfig fresh) {
        var reload = Reload.between(config, fresh);
        config = reload.config();
        Logging.level(config.logLevel());
        gate.reload(config.admission());
        storehouse.reload(config);
        foundation.certificates().reload();
        sealKeys.reload(vertx);
        return reload;
    }

    /** Reads the files of certificates alone. */
    void reloadCertificates() {
        foundation.certificates().reload();
    }

    /**
     * Says not ready, lets go of the collectors, settles what is under way; all but the event loops is closed then. Fails
     * when a step did, after the others.
     */
    Future<Void> close() {
        management.draining();
        return step("the peers", () -> peersDeployed.map(vertx::undeploy).orElseGet(Future::succeededFuture))
                .compose(next -> step("the doors", doors == null ? null : doors::close))
                .compose(next -> step("the store", storehouse == null ? null : storehouse::close))
                .compose(next -> step("the listeners", this::closeListeners))
                .compose(next -> step("notifications", notifications == null ? null : this::closeNotifications))
                .compose(next -> step("admission", admission == null ? null : admission::close))
                .compose(next -> step("Redis", shared.map(SharedState::closing).orElse(null)))
                .compose(next -> step("the ports file", this::forgetPorts))
                .compose(next -> step("the database", foundation::close))
                .onComplete(closed -> management.close())
                .compose(closed -> unclosed.map(Future::<Void>failedFuture).orElseGet(Future::succeededFuture));
    }

    /** Only its own: a server that could not start because another one runs leaves that one's file alone. */
    private Future<Void> forgetPorts() {
        if (portsTold) {
            new PortsFile(config.dataDirectory()).delete();
        }
        return Future.succeededFuture();
    }

    private Future<Void> step(String what, Supplier<Future<Void>> close) {
        if (close == null) {
            return Future.succeededFuture();
        }
        LOG.debug("closing {}", what);
        return close.get()
                .onFailure(failure -> {
                    unclosed = Optional.of(failure);
                    LOG.warn("closing {} failed", what, failure);
                })
                .otherwiseEmpty();
    }

    JsonObject ports() {
        var ports = PortsFile.ofProcess(ProcessHandle.current())
                .put("tcp", doors.tcpPort())
                .put("http", doors.httpPort())
                .put("management", management.port());
        foundation
                .embedded()
                .ifPresent(postgres -> ports.put("database_url", postgres.databaseUrl())
                        .put(
                                "database_passfile",
                                postgres.passfile().toAbsolutePath().toString()));
        return ports;
    }

    /** Empty unless this server made it: to be shown once, and nowhere else. */
    Identity.First first() {
        return first;
    }

    Foundation foundation() {
        return foundation;
    }

    ServerConfig config() {
        return config;
    }
}

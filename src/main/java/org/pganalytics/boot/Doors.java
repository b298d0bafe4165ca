package org.pganalytics.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.pganalytics.admission.Admission;
import org.pganalytics.admission.RegistrationRoutes;
import org.pganalytics.bus.Bus;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.fleet.ConfigOffice;
import org.pganalytics.http.ContractRoutes;
import org.pganalytics.http.Entrances;
import org.pganalytics.ingest.BodyDecoder;
import org.pganalytics.ingest.CertificateDesk;
import org.pganalytics.ingest.ConnectionSlots;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.ingest.DoorEntrance;
import org.pganalytics.ingest.InFlightBytes;
import org.pganalytics.ingest.LiveSessions;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.RefusalLog;
import org.pganalytics.ingest.http.CertificateRoutes;
import org.pganalytics.ingest.http.ClientAddress;
import org.pganalytics.ingest.http.HttpDoor;
import org.pganalytics.ingest.http.SignIn;
import org.pganalytics.ingest.tcp.TcpDoor;
import org.pganalytics.ingest.v3.V3Pushes;
import org.pganalytics.ingest.v3.V3Routes;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Ledger;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.tls.CertificateWatch;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.v3.Layout;

/** The doors for collectors, one instance of each for every event loop. */
final class Doors {
    private final ServerConfig config;
    private final Vertx vertx;
    private final Behind behind;
    private final Clock clock;
    private final LiveSessions sessions;
    private final List<String> deployments = new CopyOnWriteArrayList<>();
    private final AtomicInteger tcpPort = new AtomicInteger();
    private final AtomicInteger httpPort = new AtomicInteger();

    /** What the doors lead to. */
    record Behind(
            Intake intake,
            Ledger ledger,
            Admission admission,
            ConfigOffice configs,
            Function<ClientAddress, ContractRoutes> api,
            Bus bus,
            MeterRegistry meters,
            Entrances entrances,
            CertificateWatch certificates) {}

    Doors(ServerConfig config, Vertx vertx, Behind behind, Clock clock) {
        this.config = config;
        this.vertx = vertx;
        this.behind = behind;
        this.clock = clock;
        this.sessions = new LiveSessions(behind.meters());
    }

    LiveSessions sessions() {
        return sessions;
    }

    Future<Void> open() {
        var corridor = corridor();
        var lobby = lobby();
        behind.admission().revocations().onRevoked(sessions::revoked);
        behind.configs().onChanged(sessions::configChanged);
        return security("tcp", config.tcpTls())
                .compose(security -> openTcp(corridor, lobby, security))
                .compose(tcp -> security("http", config.httpTls()))
                .compose(security -> openHttp(corridor, lobby, security));
    }

    private Corridor corridor() {
        var admission = behind.admission();
        return new Corridor(
                behind.intake(),
                behind.ledger(),
                admission.doorkeeper(),
                admission.addresses(),
                admission.revocations()::current,
                behind.configs(),
                new CertificateDesk(vertx, behind.certificates().authority(), behind.bus()),
                behind.bus());
    }

    private Lobby lobby() {
        return new Lobby(
                config.ingest(),
                new InFlightBytes(
                        config.ingest().inFlightBytesMax(),
                        config.admission().retryAfterMax(),
                        System::nanoTime,
                        behind.meters()),
                sessions,
                new BodyDecoder(vertx, config.ingest()),
                new RefusalLog(System::nanoTime),
                System::nanoTime);
    }

    private Future<ListenerSecurity> security(String door, TlsConfig tls) {
        return vertx.executeBlocking(() -> behind.certificates().secure(door, tls));
    }

    private Future<Void> openTcp(Corridor corridor, Lobby lobby, ListenerSecurity security) {
        var tcp = config.tcp();
        var slots = new ConnectionSlots(
                tcp.connectionsMax(),
                tcp.connectionsPerAddressMax(),
                Networks.of("tcp.trusted-addresses", tcp.trustedAddresses()),
                balancers("tcp", config.tcpTls(), config.tcpProxy()),
                "tcp",
                behind.meters());
        var entrance = entrance(slots, security, config.tcpProxy(), lobby);
        var shared = TcpDoor.Shared.of(tcp, corridor, lobby, entrance, clock, behind.meters());
        var opened = deploy(() -> new TcpDoor(shared, security, tcpPort::set));
        return BindFailure.of("tcp", tcp.host(), tcp.port(), opened);
    }

    private Future<Void> openHttp(Corridor corridor, Lobby lobby, ListenerSecurity security) {
        var http = config.http();
        var slots = new ConnectionSlots(
                http.connectionsMax(),
                http.connectionsPerAddressMax(),
                Networks.of("http.trusted-addresses", http.trustedAddresses()),
                balancers("http", config.httpTls(), config.httpProxy()),
                "http",
                behind.meters());
        var v3 = new V3Pushes(config.v3(), layout(), corridor, lobby, behind.meters(), clock);
        var entrance = entrance(slots, security, config.httpProxy(), lobby);
        var shared = HttpDoor.Shared.of(http, corridor, lobby, entrance, v3);
        var addresses = new ClientAddress(security, config.httpProxy());
        var registration = new RegistrationRoutes(
                behind.admission().doorkeeper(), behind.bus(), addresses::of, http.bodyTime(), clock);
        var signIn = new SignIn(corridor, addresses, entrance);
        var v3Routes = new V3Routes(v3, signIn, http, lobby.bytes());
        var certificates = new CertificateRoutes(corridor.certificates(), signIn, addresses, http.bodyTime());
        var api = behind.api().apply(addresses);
        var routes = List.<Consumer<Router>>of(registration::mount, certificates::mount, v3Routes::mount, api::mount);
        var opened = deploy(() -> new HttpDoor(shared, security, addresses, routes, httpPort::set));
        return BindFailure.of("http", http.host(), http.port(), opened);
    }

    private DoorEntrance entrance(ConnectionSlots slots, ListenerSecurity security, ProxyConfig proxies, Lobby lobby) {
        return new DoorEntrance(behind.entrances(), slots, security, proxies, lobby.refusals(), behind.bus());
    }

    private Layout layout() {
        return new Layout(config.families().stream().map(MetricFamily::schema).toList());
    }

    /** A balancer's address stands for a whole fleet. */
    private static Networks balancers(String door, TlsConfig tls, ProxyConfig proxies) {
        return Networks.of(
                door,
                Stream.of(tls.upstreamAddresses(), proxies.addresses())
                        .flatMap(List::stream)
                        .toList());
    }

    private Future<Void> deploy(Supplier<Deployable> door) {
        return vertx.deployVerticle(door, new DeploymentOptions().setInstances(config.eventLoops()))
                .onSuccess(deployments::add)
                .mapEmpty();
    }

    /** Each door drains for its own limit. */
    Future<Void> close() {
        return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
    }

    int tcpPort() {
        return tcpPort.get();
    }

    int httpPort() {
        return httpPort.get();
    }
}

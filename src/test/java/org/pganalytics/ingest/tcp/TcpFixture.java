package org.pganalytics.ingest.tcp;

import static org.pganalytics.ingest.TestHouse.await;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.net.NetClientOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.ingest.ConnectionSlots;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.TestHouse;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;
import org.pganalytics.tls.TlsConfig;

/** An open TCP door on two event loops. */
final class TcpFixture implements AutoCloseable {
    static final TcpConfig CONFIG = new TcpConfig(
            "127.0.0.1",
            0,
            10_000,
            100,
            List.of("127.0.0.0/8"),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            16,
            256,
            64 << 10,
            Duration.ofSeconds(5));

    final TestHouse house;
    final ConnectionSlots slots;
    final int port;
    final String deployment;
    private final List<NativeClient> clients = new ArrayList<>();

    TcpFixture(TcpConfig config) throws Exception {
        this(config, IngestConfig.standard(), TlsConfig.off());
    }

    TcpFixture(TcpConfig config, IngestConfig limits, TlsConfig tls) throws Exception {
        this(config, limits, tls, ProxyConfig.off());
    }

    TcpFixture(TcpConfig config, IngestConfig limits, TlsConfig tls, ProxyConfig proxies) throws Exception {
        this(config, new TestHouse(limits), tls, proxies);
    }

    /** One that certifies collectors. */
    static TcpFixture certifying(Authority authority) throws Exception {
        var house = new TestHouse(IngestConfig.standard(), Optional.of(authority));
        return new TcpFixture(CONFIG, house, TlsConfig.off(), ProxyConfig.off());
    }

    private TcpFixture(TcpConfig config, TestHouse house, TlsConfig tls, ProxyConfig proxies) throws Exception {
        this.house = house;
        slots = new ConnectionSlots(
                config.connectionsMax(),
                config.connectionsPerAddressMax(),
                Networks.of("tcp.trusted-addresses", config.trustedAddresses()),
                Networks.of("tcp.proxy-protocol.addresses", proxies.addresses()),
                "tcp",
                house.registry);
        var security = ListenerSecurity.load(tls, Clock.systemUTC());
        var entrance = house.entrance(slots, security, proxies);
        var shared =
                TcpDoor.Shared.of(config, house.corridor, house.lobby, entrance, Clock.systemUTC(), house.registry);
        var bound = new AtomicInteger();
        deployment = await(house.vertx.deployVerticle(
                () -> new TcpDoor(shared, security, bound::set), new DeploymentOptions().setInstances(2)));
        port = bound.get();
    }

    static TcpConfig window(int window) {
        return with(CONFIG.idleTime(), CONFIG.handshakeTime(), window);
    }

    static TcpConfig with(Duration idle, Duration handshake, int window) {
        return new TcpConfig(
                CONFIG.host(),
                0,
                10_000,
                100,
                CONFIG.trustedAddresses(),
                handshake,
                idle,
                window,
                4,
                8 << 10,
                CONFIG.drainTime());
    }

    NativeClient session(UUID collector) throws Exception {
        var client =
                NativeClient.session(house.vertx, port, collector, new UUID(collector.getMostSignificantBits(), 7));
        clients.add(client);
        return client;
    }

    NativeClient connect() throws Exception {
        return connect(new NetClientOptions());
    }

    NativeClient connect(NetClientOptions options) throws Exception {
        var client = NativeClient.connect(house.vertx, port, options);
        clients.add(client);
        return client;
    }

    NativeClient another(NativeClient first) throws Exception {
        var client = first.another(port);
        clients.add(client);
        return client;
    }

    /** Sockets first: with one of its clients open, Vert.x takes up to half a minute to close. */
    @Override
    public void close() throws Exception {
        for (var client : clients) {
            await(client.socket.close());
        }
        house.close();
    }
}

package org.pganalytics.ingest.v3;

import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.pganalytics.admission.RegistrationRoutes;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.ConnectionSlots;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.TestHouse;
import org.pganalytics.ingest.http.ClientAddress;
import org.pganalytics.ingest.http.HttpConfig;
import org.pganalytics.ingest.http.HttpDoor;
import org.pganalytics.ingest.http.SignIn;
import org.pganalytics.model.Batch;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.v3.V3Objects;

/** A door with all that version 3 collectors ask for, and one of them before it. */
final class V3Door implements AutoCloseable {
    final UUID collector = UUID.randomUUID();
    final TestHouse house = new TestHouse();
    final V3Client client;

    V3Door(TlsConfig tls) throws Exception {
        var config = new HttpConfig(
                "127.0.0.1",
                0,
                100,
                100,
                List.of(),
                64 << 20,
                16 << 10,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                100,
                Duration.ofSeconds(1));
        var slots = new ConnectionSlots(
                100, 100, Networks.of("x", List.of()), Networks.of("x", List.of()), "http", house.registry);
        var v3 = house.v3();
        var security = ListenerSecurity.load(tls, Clock.systemUTC());
        var entrance = house.entrance(slots, security);
        var addresses = new ClientAddress(security, ProxyConfig.off());
        var registration = new RegistrationRoutes(
                house.doorkeeper, house.bus, addresses::of, config.bodyTime(), Clock.systemUTC());
        var routes = new V3Routes(v3, new SignIn(house.corridor, addresses, entrance), config, house.lobby.bytes());
        var port = new CompletableFuture<Integer>();
        await(house.vertx.deployVerticle(new HttpDoor(
                HttpDoor.Shared.of(config, house.corridor, house.lobby, entrance, v3),
                security,
                addresses,
                List.of(registration::mount, routes::mount),
                port::complete)));
        client = new V3Client(port.get(10, TimeUnit.SECONDS));
        client.token(FakeDoorkeeper.token(collector));
    }

    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static JsonObject push() {
        return V3Objects.push("h", V3Objects.oneOfEach(now(), 1));
    }

    int rows() {
        return house.store.stored.stream().mapToInt(Batch::rows).sum();
    }

    void always(Fault fault) {
        house.store.accidents.add(batch -> {
            always(fault);
            return Optional.of(fault.because("always"));
        });
    }

    @Override
    public void close() throws Exception {
        eventually("every byte is let go of", () -> house.lobby.bytes().used() == 0);
        house.close();
    }
}

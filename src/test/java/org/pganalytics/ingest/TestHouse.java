package org.pganalytics.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.pganalytics.admission.AddressLimiter;
import org.pganalytics.admission.AdmissionConfig;
import org.pganalytics.admission.RateLimits;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.http.Entrances;
import org.pganalytics.ingest.http.DoorTransport;
import org.pganalytics.ingest.v3.V3Config;
import org.pganalytics.ingest.v3.V3Pushes;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.wire.v3.Layout;
import org.slf4j.LoggerFactory;

/** What a door needs, with a store and a doorkeeper in memory; watches for blocked event loops. */
public final class TestHouse implements AutoCloseable {
    public final Entrances entrances = new Entrances();
    public final Vertx vertx = Vertx.builder()
            .with(new VertxOptions().setEventLoopPoolSize(2).setBlockedThreadCheckInterval(200))
            .withTransport(DoorTransport.ofSystem(entrances))
            .build();
    public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    public final FakeStore store = new FakeStore(vertx);
    public final FakeDoorkeeper doorkeeper = new FakeDoorkeeper();
    public final Bus bus = new Bus(vertx);
    public final List<Event> events = new CopyOnWriteArrayList<>();
    public final FakeDesk configs = new FakeDesk();
    public final Corridor corridor;
    public final Lobby lobby;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    public TestHouse() {
        this(IngestConfig.standard());
    }

    public TestHouse(IngestConfig limits) {
        this(limits, Optional.empty());
    }

    /** One that certifies collectors, or says that it does not. */
    public TestHouse(IngestConfig limits, Optional<Authority> authority) {
        log.start();
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).addAppender(log);
        corridor = new Corridor(
                store,
                store,
                doorkeeper,
                new AddressLimiter(admission(), System::nanoTime, () -> 0.5, registry),
                principal -> !doorkeeper.revoked.containsKey(principal.collector()),
                configs,
                new CertificateDesk(vertx, authority, bus),
                bus);
        lobby = new Lobby(
                limits,
                new InFlightBytes(limits.inFlightBytesMax(), Duration.ofSeconds(60), System::nanoTime, registry),
                new LiveSessions(registry),
                new BodyDecoder(vertx, limits),
                new RefusalLog(System::nanoTime),
                System::nanoTime);
        bus.on(Event.StrangerRefused.class, events::add);
        bus.on(Event.SessionOpened.class, events::add);
        bus.on(Event.SessionClosed.class, events::add);
    }

    /** Somebody at this address has guessed tokens, so often that he has to wait for some minutes. */
    public void guessedFrom(String address) {
        for (int guess = 0; guess < 200; guess++) {
            corridor.strangers().failed(address);
        }
    }

    /** Takes pushes of version 3 with the families as shipped. */
    public V3Pushes v3() {
        var families = FamilyFiles.load(Path.of("conf/families")).stream()
                .map(MetricFamily::schema)
                .toList();
        var config = new V3Config(64 << 20, Duration.ofMinutes(2), Duration.ofSeconds(2), Duration.ofSeconds(3), 2);
        return new V3Pushes(config, new Layout(families), corridor, lobby, registry, Clock.systemUTC());
    }

    /** Lets into a door whom the slots have a place for. */
    public DoorEntrance entrance(ConnectionSlots slots, ListenerSecurity security) {
        return entrance(slots, security, ProxyConfig.off());
    }

    /** The same with balancers that name their clients. */
    public DoorEntrance entrance(ConnectionSlots slots, ListenerSecurity security, ProxyConfig proxies) {
        return new DoorEntrance(entrances, slots, security, proxies, lobby.refusals(), bus);
    }

    private static AdmissionConfig admission() {
        var generous = new RateLimits(1e6, 1_000_000, 1e9, 1_000_000_000);
        return new AdmissionConfig(
                generous,
                generous,
                new AdmissionConfig.Strangers(10, 100, 10, 1_000, 64),
                new AdmissionConfig.Tokens(Duration.ofHours(1), Duration.ofSeconds(10), 100),
                1_000,
                Duration.ofSeconds(2),
                Duration.ofSeconds(30));
    }

    public static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** Waits until it holds, or fails after ten seconds. */
    public static void eventually(String what, Callable<Boolean> holds) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .until(holds);
    }

    @Override
    public void close() throws Exception {
        await(vertx.close());
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).detachAppender(log);
        var blocked = List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("has been blocked"))
                .toList();
        assertEquals(List.of(), blocked, "the event loop was blocked");
    }
}

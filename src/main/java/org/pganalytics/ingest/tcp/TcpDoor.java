package org.pganalytics.ingest.tcp;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.ingest.DoorEntrance;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.wire.FrameCodec;

/** Lets collectors in over TCP, on one event loop; deployed once for each of them. */
public final class TcpDoor extends VerticleBase {
    private static final int TICKS_AN_IDLE_TIME = 8;
    private static final long TICK_MILLIS_MAX = 1_000;

    private final Shared shared;
    private final ListenerSecurity security;
    private final IntConsumer onPort;
    private final Set<TcpConnection> connections = new HashSet<>();
    private NetServer server;
    private Promise<Void> drained;
    private boolean draining;

    /**
     * What the doors on all event loops share.
     *
     * @param entrance lets connections in
     * @param skew receives how far a collector's clock is off, in seconds
     */
    public record Shared(
            TcpConfig config,
            Corridor corridor,
            Lobby lobby,
            DoorEntrance entrance,
            FrameCodec codec,
            Clock clock,
            DistributionSummary skew) {

        /** Registers the metric of the collectors' clocks, too. */
        public static Shared of(
                TcpConfig config,
                Corridor corridor,
                Lobby lobby,
                DoorEntrance entrance,
                Clock clock,
                MeterRegistry registry) {
            var skew = DistributionSummary.builder("pganalytics.ingest.clock.skew")
                    .description("How far collectors' clocks are off")
                    .baseUnit("seconds")
                    .register(registry);
            return of(config, corridor, lobby, entrance, clock, skew);
        }

        public static Shared of(
                TcpConfig config,
                Corridor corridor,
                Lobby lobby,
                DoorEntrance entrance,
                Clock clock,
                DistributionSummary skew) {
            var codec = new FrameCodec(lobby.limits().bodyBytesMax() + FrameCodec.CONTROL_BYTES_MAX);
            return new Shared(config, corridor, lobby, entrance, codec, clock, skew);
        }

        void recordSkew(long collectorMicros) {
            skew.record(Math.abs(wallMicros() - collectorMicros) / 1e6);
        }

        long wallMicros() {
            return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        }
    }

    /** @param onPort told the port that was bound, once an instance; all instances share it */
    public TcpDoor(Shared shared, ListenerSecurity security, IntConsumer onPort) {
        this.shared = shared;
        this.security = security;
        this.onPort = onPort;
    }

    @Override
    public Future<?> start() {
        var config = shared.config();
        // A negative port is a random one that the instances share; each would get its own for 0.
        var options = new NetServerOptions()
                .setHost(config.host())
                .setPort(config.port() == 0 ? -1 : config.port())
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setAcceptBacklog(4_096);
        security.secure(options);
        shared.entrance().guard(options);
        server = vertx.createNetServer(options).connectHandler(this::connected);
        long every = Math.min(TICK_MILLIS_MAX, config.idleTime().toMillis() / TICKS_AN_IDLE_TIME);
        vertx.setPeriodic(Math.min(every, config.handshakeTime().toMillis()), tick -> tick());
        return server.listen().onSuccess(bound -> {
            security.follow(bound::updateSSLOptions);
            onPort.accept(bound.actualPort());
        });
    }

    private void connected(NetSocket socket) {
        if (draining) {
            shared.entrance().refused(socket.remoteAddress().hostAddress(), Fault.DRAINING.because(""));
            socket.close();
            return;
        }
        var connection = new TcpConnection(vertx, socket, shared);
        connections.add(connection);
        socket.shutdownHandler(goingDown -> {}); // else it would be closed at once
        socket.closeHandler(closed -> {
            connections.remove(connection);
            connection.closed();
            emptied();
        });
        connection.open();
    }

    private void tick() {
        List.copyOf(connections).forEach(TcpConnection::tick);
    }

    /**
     * Listens no more, settles what is under way, and closes; at the limit what is left is cut. Whoever comes meanwhile
     * finds the port closed, so that a balancer tries the next server at once.
     */
    @Override
    public Future<?> stop() {
        draining = true;
        drained = Promise.promise();
        var limit = shared.config().drainTime();
        server.shutdown(limit.toMillis(), TimeUnit.MILLISECONDS);
        List.copyOf(connections).forEach(TcpConnection::drain);
        emptied();
        long timer = vertx.setTimer(Math.max(1, limit.toMillis()), late -> {
            List.copyOf(connections).forEach(left -> left.end(Fault.DRAINING.because("the server is going down")));
            drained.tryComplete();
        });
        return drained.future().compose(empty -> {
            vertx.cancelTimer(timer);
            return server.close();
        });
    }

    private void emptied() {
        if (draining && connections.isEmpty()) {
            drained.tryComplete();
        }
    }
}

package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.HttpConnections;
import org.pganalytics.http.Problems;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.ingest.DoorEntrance;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.ingest.v3.V3Pushes;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.wire.FrameCodec;

/** Listens for HTTP/1.1, h2c and h2 on one event loop; deployed once for each of them. */
public final class HttpDoor extends VerticleBase {
    /** Of a body, handed on at once; what is read of a connection at once is not more. */
    static final int CHUNK_BYTES_MAX = 64 << 10;

    private static final int LINE_BYTES_MAX = 4 << 10;
    private static final long TICK_MILLIS = 1_000;

    private final Shared shared;
    private final ListenerSecurity security;
    private final ClientAddress addresses;
    private final List<Consumer<Router>> routes;
    private final IntConsumer onPort;
    private final HttpConnections connections;
    private HttpServer server;
    private boolean draining;

    /**
     * What the doors on all event loops share.
     *
     * @param entrance lets connections in
     * @param pushing collectors with a push under way
     * @param asking collectors with a request for their configuration under way
     * @param v3 takes pushes of version 3
     */
    public record Shared(
            HttpConfig config,
            Corridor corridor,
            Lobby lobby,
            DoorEntrance entrance,
            FrameCodec codec,
            Turns turns,
            Set<UUID> pushing,
            Set<UUID> asking,
            V3Pushes v3) {

        public static Shared of(HttpConfig config, Corridor corridor, Lobby lobby, DoorEntrance entrance, V3Pushes v3) {
            return new Shared(
                    config,
                    corridor,
                    lobby,
                    entrance,
                    new FrameCodec(lobby.limits().uncompressedBytesMax() + FrameCodec.CONTROL_BYTES_MAX),
                    new Turns(corridor, lobby),
                    ConcurrentHashMap.newKeySet(),
                    ConcurrentHashMap.newKeySet(),
                    v3);
        }

        void logRefusal(UUID collector, Throwable failure) {
            if (failure instanceof FaultException refusal) {
                lobby.refusals().refused(collector.toString(), refusal);
            }
        }
    }

    /**
     * @param routes mount what other rooms answer on this listener
     * @param onPort told the port that was bound, once an instance; all instances share it
     */
    public HttpDoor(
            Shared shared,
            ListenerSecurity security,
            ClientAddress addresses,
            List<Consumer<Router>> routes,
            IntConsumer onPort) {
        this.shared = shared;
        this.security = security;
        this.addresses = addresses;
        this.routes = List.copyOf(routes);
        this.onPort = onPort;
        this.connections =
                new HttpConnections(shared.lobby().nanoClock(), shared.config().idleTime());
    }

    @Override
    public Future<?> start() {
        var config = shared.config();
        // A negative port is a random one that all who name the same one share: this one is not the TCP door's.
        var options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port() == 0 ? -2 : config.port())
                .setMaxHeaderSize(config.headerBytesMax())
                .setMaxInitialLineLength(LINE_BYTES_MAX)
                .setMaxFormFields(0)
                .setMaxChunkSize(CHUNK_BYTES_MAX)
                .setDecompressionSupported(false)
                .setHttp2ClearTextEnabled(true)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(config.streamsMax())
                        .setMaxHeaderListSize(config.headerBytesMax()))
                .setUseAlpn(security.encrypts())
                .setTcpNoDelay(true)
                .setAcceptBacklog(4_096)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) config.idleTime().toMillis());
        security.secure(options);
        shared.entrance().guard(options);
        server = vertx.createHttpServer(options)
                .connectionHandler(this::connected)
                .requestHandler(router());
        vertx.setPeriodic(Math.min(TICK_MILLIS, config.idleTime().toMillis() / 4), tick -> {
            connections.closeIdle();
            shared.turns().sweep();
        });
        return server.listen().onSuccess(bound -> {
            security.follow(bound::updateSSLOptions);
            onPort.accept(bound.actualPort());
        });
    }

    private Router router() {
        var router = Router.router(vertx);
        Problems.install(router);
        router.route().handler(connections::busy);
        router.route().handler(HttpDoor::unguessed);
        router.route().handler(HttpDoor::unlessAmbiguous);
        router.route().handler(this::unlessDraining);
        router.get("/api/v1/health").handler(ctx -> ctx.json(new JsonObject().put("status", "ok")));
        new PushRoutes(shared, addresses).mount(router);
        new ConfigRoutes(shared, addresses).mount(router);
        routes.forEach(mounter -> mounter.accept(router));
        return router;
    }

    private static void unguessed(RoutingContext ctx) {
        ctx.response().putHeader("X-Content-Type-Options", "nosniff");
        ctx.next();
    }

    /** What a balancer may cut in another place than we do: refused, and nothing that follows it is read. */
    private static void unlessAmbiguous(RoutingContext ctx) {
        var codings = ctx.request().headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        if (codings.isEmpty() || codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked")) {
            ctx.next();
            return;
        }
        ctx.addEndHandler(answered -> ctx.request().connection().close());
        ctx.fail(Fault.BAD_REQUEST.because("the only transfer coding taken is chunked"));
    }

    private void unlessDraining(RoutingContext ctx) {
        if (draining) {
            ctx.fail(Fault.DRAINING.because("the server is going down"));
        } else {
            ctx.next();
        }
    }

    private void connected(HttpConnection connection) {
        connections.opened(connection);
        connection.closeHandler(closed -> connections.closed(connection));
    }

    /** Answers what is under way, refuses what is new, and closes; at the limit what is left is cut. */
    @Override
    public Future<?> stop() {
        draining = true;
        return server.shutdown(shared.config().drainTime().toMillis(), TimeUnit.MILLISECONDS);
    }
}

package org.pganalytics.ingest.http;

import static org.pganalytics.ingest.TestHouse.await;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.ingest.ConnectionSlots;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.ingest.TestHouse;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;

/** An open HTTP door on two event loops, and a client with a Vert.x of its own. */
final class HttpFixture implements AutoCloseable {
    static final FrameCodec CODEC = new FrameCodec(65 << 20);
    static final HttpConfig CONFIG = new HttpConfig(
            "127.0.0.1",
            0,
            10_000,
            100,
            List.of("127.0.0.0/8"),
            64 << 20,
            16 << 10,
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            100,
            Duration.ofSeconds(5));

    final TestHouse house;
    final ConnectionSlots slots;
    final int port;
    final String deployment;
    private final Vertx outside = Vertx.vertx();
    /** Kept, since Vert.x closes a client's sockets once the client is garbage. */
    private final NetClient sockets = outside.createNetClient();

    private HttpClient client;

    /** What came back. */
    record Answer(int status, JsonObject body, String retryAfter) {
        String fault() {
            return body.getString("type", "").replace("urn:pganalytics:fault:", "");
        }
    }

    HttpFixture(HttpConfig config) throws Exception {
        this(config, IngestConfig.standard(), TlsConfig.off());
    }

    HttpFixture(HttpConfig config, IngestConfig limits, TlsConfig tls) throws Exception {
        this(config, limits, tls, ProxyConfig.off());
    }

    HttpFixture(HttpConfig config, IngestConfig limits, TlsConfig tls, ProxyConfig proxies) throws Exception {
        this(config, limits, tls, proxies, Optional.empty());
    }

    /** One that certifies collectors, or says that it does not. */
    static HttpFixture certifying(Optional<Authority> authority) throws Exception {
        return new HttpFixture(CONFIG, IngestConfig.standard(), TlsConfig.off(), ProxyConfig.off(), authority);
    }

    private HttpFixture(
            HttpConfig config, IngestConfig limits, TlsConfig tls, ProxyConfig proxies, Optional<Authority> authority)
            throws Exception {
        house = new TestHouse(limits, authority);
        slots = new ConnectionSlots(
                config.connectionsMax(),
                config.connectionsPerAddressMax(),
                Networks.of("http.trusted-addresses", config.trustedAddresses()),
                Networks.of("http.proxy-protocol.addresses", proxies.addresses()),
                "http",
                house.registry);
        var security = ListenerSecurity.load(tls, Clock.systemUTC());
        var entrance = house.entrance(slots, security, proxies);
        var shared = HttpDoor.Shared.of(config, house.corridor, house.lobby, entrance, house.v3());
        var addresses = new ClientAddress(security, proxies);
        var certificates = new CertificateRoutes(
                house.corridor.certificates(),
                new SignIn(house.corridor, addresses, entrance),
                addresses,
                config.bodyTime());
        var bound = new AtomicInteger();
        deployment = await(house.vertx.deployVerticle(
                () -> new HttpDoor(
                        shared,
                        security,
                        addresses,
                        List.of(router -> router.get("/mounted").handler(ctx -> ctx.end("here")), certificates::mount),
                        bound::set),
                new DeploymentOptions().setInstances(2)));
        port = bound.get();
        client = outside.createHttpClient();
    }

    static HttpConfig with(Duration idle, Duration bodyTime, int bodyBytesMax) {
        return new HttpConfig(
                CONFIG.host(),
                0,
                10_000,
                100,
                CONFIG.trustedAddresses(),
                bodyBytesMax,
                4 << 10,
                idle,
                bodyTime,
                100,
                CONFIG.drainTime());
    }

    void speak(HttpClientOptions options) {
        client = outside.createHttpClient(options);
    }

    NetClient sockets() {
        return sockets;
    }

    static Buffer body(Frame.BatchFrame batch) {
        return new HttpBatch(List.of(SomeBatches.SCHEMA), batch).encode(CODEC);
    }

    Answer push(UUID collector, Buffer body) throws Exception {
        return await(pushing(FakeDoorkeeper.token(collector), HttpBatch.MEDIA_TYPE, body));
    }

    Future<Answer> posting(String path, String token, Buffer body) {
        return posting(path, token, "application/json", body);
    }

    Future<Answer> pushing(String token, String mediaType, Buffer body) {
        return posting("/api/v1/metrics/push", token, mediaType, body);
    }

    private Future<Answer> posting(String path, String token, String mediaType, Buffer body) {
        return client.request(HttpMethod.POST, port, "127.0.0.1", path)
                .compose(request -> request.putHeader("Authorization", "Bearer " + token)
                        .putHeader("Content-Type", mediaType)
                        .send(body)
                        .compose(HttpFixture::read));
    }

    Answer get(String path, UUID collector) throws Exception {
        return await(client.request(HttpMethod.GET, port, "127.0.0.1", path)
                .compose(request -> request.putHeader("Authorization", "Bearer " + FakeDoorkeeper.token(collector))
                        .send()
                        .compose(HttpFixture::read)));
    }

    /** Takes the collector's turn; returns the position's answer. */
    JsonObject position(UUID collector) throws Exception {
        return get("/api/v1/metrics/position?instance=" + collector, collector).body();
    }

    private static Future<Answer> read(HttpClientResponse response) {
        return response.body()
                .map(body -> new Answer(
                        response.statusCode(),
                        body.toString().startsWith("{") ? body.toJsonObject() : new JsonObject(),
                        response.getHeader("Retry-After")));
    }

    @Override
    public void close() throws Exception {
        await(client.close());
        await(sockets.close());
        await(outside.close());
        house.close();
    }
}

package org.pganalytics.collector.load;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import org.pganalytics.collector.HttpForm;
import org.pganalytics.collector.HttpLink;
import org.pganalytics.collector.LinkConfig;
import org.pganalytics.collector.TcpLink;

/** Makes the clients of the run's mode, one a slice of the fleet; each collector has a connection of its own. */
final class LinkMakers {
    private final LoadConfig config;
    private final LinkConfig linkConfig;
    private final Clock clock = Clock.systemUTC();

    LinkMakers(LoadConfig config) {
        this.config = config;
        var defaults = LinkConfig.defaults();
        this.linkConfig = new LinkConfig(
                defaults.connectTimeout(),
                defaults.answerTimeout(),
                defaults.pingEvery(),
                defaults.silenceMax(),
                defaults.inFlightMax(),
                Duration.ofMillis(200),
                Duration.ofSeconds(5));
    }

    FleetMember.LinkMaker forSlice(Vertx vertx) {
        return switch (config.mode()) {
            case TCP -> overTcp(vertx);
            case HTTP2 -> overHttp(vertx, HttpVersion.HTTP_2, HttpForm.ofFrames());
            case JSON -> overHttp(vertx, HttpVersion.HTTP_1_1, HttpForm.ofJson());
        };
    }

    /** What a batch's body is in this mode. */
    TickEncoder.BodyForm bodyForm() {
        return config.mode() == LoadConfig.Mode.JSON ? BodyForms::json : BodyForms::columnar;
    }

    private FleetMember.LinkMaker overTcp(Vertx vertx) {
        var server = SocketAddress.inetSocketAddress(config.port(), config.host());
        var client =
                vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true).setConnectTimeout((int)
                        linkConfig.connectTimeout().toMillis()));
        return (source, credentials) -> new TcpLink(vertx, client, server, linkConfig, credentials, source, clock);
    }

    private FleetMember.LinkMaker overHttp(Vertx vertx, HttpVersion version, HttpForm form) {
        var server = new RequestOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setSsl(false);
        var client = httpClient(vertx, version);
        return (source, credentials) ->
                new HttpLink(vertx, client, server, form, linkConfig, credentials, source, clock);
    }

    private HttpClient httpClient(Vertx vertx, HttpVersion version) {
        var options = new HttpClientOptions()
                .setProtocolVersion(version)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MultiplexingLimit(1)
                .setTcpNoDelay(true);
        var pool = new PoolOptions().setHttp1MaxSize(config.collectors()).setHttp2MaxSize(config.collectors());
        return vertx.createHttpClient(options, pool);
    }
}

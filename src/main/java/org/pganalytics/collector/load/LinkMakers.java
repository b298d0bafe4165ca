package org.pganalytics.collector.load;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import org.pganalytics.collector.LinkConfig;
import org.pganalytics.collector.TcpLink;

/** Makes the clients of the run's mode, one a slice of the fleet. */
final class LinkMakers {
    private final LoadConfig config;
    private final LinkConfig linkConfig;

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
        var server = SocketAddress.inetSocketAddress(config.port(), config.host());
        var client =
                vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true).setConnectTimeout((int)
                        linkConfig.connectTimeout().toMillis()));
        return (source, credentials) ->
                new TcpLink(vertx, client, server, linkConfig, credentials, source, Clock.systemUTC());
    }
}

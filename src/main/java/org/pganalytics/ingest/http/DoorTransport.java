package org.pganalytics.ingest.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.transport.Transport;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.pganalytics.http.Entrance;
import org.pganalytics.http.Entrances;

/**
 * The system's own transport; each connection that comes in is asked about at the listener's {@link Entrance}, and where
 * plain HTTP is listened for guarded by {@link UpgradeGuard}.
 */
public final class DoorTransport implements Transport {
    private final Transport system;
    private final Entrances entrances;

    private DoorTransport(Transport system, Entrances entrances) {
        this.system = system;
        this.entrances = entrances;
    }

    /**
     * For {@code VertxBuilder.withTransport}: native where there is one.
     *
     * @param entrances where each listener has put its own before it listens
     */
    public static io.vertx.core.transport.Transport ofSystem(Entrances entrances) {
        var nativeOne = io.vertx.core.transport.Transport.nativeTransport();
        var chosen = nativeOne != null && nativeOne.available() ? nativeOne : io.vertx.core.transport.Transport.NIO;
        var guarded = new DoorTransport(chosen.implementation(), entrances);
        return new io.vertx.core.transport.Transport() {
            @Override
            public String name() {
                return chosen.name();
            }

            @Override
            public boolean available() {
                return chosen.available();
            }

            @Override
            public Throwable unavailabilityCause() {
                return chosen.unavailabilityCause();
            }

            @Override
            public Transport implementation() {
                return guarded;
            }
        };
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        system.configure(options, domainSocket, bootstrap);
        bootstrap.handler(new Accepting(
                entrances.of(options),
                options instanceof HttpServerOptions http && http.isHttp2ClearTextEnabled() && !http.isSsl()));
    }

    /** Stands on the listening channel, where what is read are the connections that come in. */
    @Sharable
    private static final class Accepting extends ChannelInboundHandlerAdapter {
        private final Optional<Entrance> entrance;
        private final boolean mayUpgrade;

        Accepting(Optional<Entrance> entrance, boolean mayUpgrade) {
            this.entrance = entrance;
            this.mayUpgrade = mayUpgrade;
        }

        /** One that may not enter is on no event loop yet, and never will be. */
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var connection = (Channel) message;
            if (mayUpgrade) {
                UpgradeGuard.guard(connection, isBalancer(connection));
            }
            if (entrance.isPresent() && !enters(connection, entrance.get())) {
                connection.unsafe().closeForcibly();
                return;
            }
            ctx.fireChannelRead(message);
        }

        /** One that is gone already has no address any more. */
        private static Optional<String> address(Channel connection) {
            return connection.remoteAddress() instanceof InetSocketAddress peer
                    ? Optional.of(peer.getAddress().getHostAddress())
                    : Optional.empty();
        }

        private boolean isBalancer(Channel connection) {
            return entrance.isPresent()
                    && address(connection).filter(entrance.get()::isBalancer).isPresent();
        }

        private static boolean enters(Channel connection, Entrance entrance) {
            var peer = address(connection);
            if (peer.isEmpty() || !entrance.enters(peer.get())) {
                return false;
            }
            var address = peer.get();
            connection.closeFuture().addListener(closed -> entrance.left(address));
            entrance.guard(connection, address);
            return true;
        }
    }

    @Override
    public boolean supportsDomainSockets() {
        return system.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
        return system.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
        return system.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
        return system.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
        return system.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
        return system.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return system.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
        return system.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    public DatagramChannel datagramChannel() {
        return system.datagramChannel();
    }

    @Override
    @SuppressWarnings("deprecation")
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return system.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return system.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return system.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        system.configure(channel, options);
    }

    @Override
    public void configure(ClientOptionsBase options, int timeout, boolean domainSocket, Bootstrap bootstrap) {
        system.configure(options, timeout, domainSocket, bootstrap);
    }
}

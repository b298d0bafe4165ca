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
import java.util.concurrent.ThreadFactory;

/**
 * The system's own transport; where plain HTTP is listened for, each connection that comes in is guarded by
 * {@link BodyBeforeUpgrade}.
 */
public final class DoorTransport implements Transport {
    private final Transport system;

    private DoorTransport(Transport system) {
        this.system = system;
    }

    /** For {@code VertxBuilder.withTransport}: native where there is one. */
    public static io.vertx.core.transport.Transport ofSystem() {
        var nativeOne = io.vertx.core.transport.Transport.nativeTransport();
        var chosen = nativeOne != null && nativeOne.available() ? nativeOne : io.vertx.core.transport.Transport.NIO;
        var guarded = new DoorTransport(chosen.implementation());
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
        if (options instanceof HttpServerOptions http && http.isHttp2ClearTextEnabled() && !http.isSsl()) {
            bootstrap.handler(new Entrance());
        }
    }

    /** Stands on the listening channel, where what is read are the connections that come in. */
    @Sharable
    private static final class Entrance extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            BodyBeforeUpgrade.guard((Channel) message);
            ctx.fireChannelRead(message);
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

package org.pganalytics.ingest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.wire.ProxyHeader;

/**
 * Stands first on each connection of a listener that balancers reach with the PROXY protocol, before TLS: takes a
 * balancer's header, and nobody else's. Vert.x, which then wants a header of everybody, gets one of ours: it names the
 * client, or nobody where the connection is the peer's own. On the event loop of its connection.
 */
final class ProxyGate extends ByteToMessageDecoder {
    private static final ProxyHeader NOBODY = new ProxyHeader(Optional.empty());

    private final DoorEntrance entrance;
    private final String peer;
    private final boolean isBalancer;
    private final ProxyConfig config;
    private Future<?> late;
    private boolean refused;

    ProxyGate(DoorEntrance entrance, String peer, boolean isBalancer, ProxyConfig config) {
        this.entrance = entrance;
        this.peer = peer;
        this.isBalancer = isBalancer;
        this.config = config;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        super.channelActive(ctx);
        if (isBalancer) {
            late = ctx.executor()
                    .schedule(
                            () -> refuse(ctx, peer, tooLate()),
                            config.headerTime().toMillis(),
                            TimeUnit.MILLISECONDS);
        } else {
            goOn(ctx, NOBODY);
        }
    }

    private FaultException tooLate() {
        return Fault.HANDSHAKE_TIMEOUT.because(
                "a balancer of proxy-protocol.addresses sent no PROXY header within %d ms"
                        .formatted(config.headerTime().toMillis()));
    }

    private static void goOn(ChannelHandlerContext ctx, ProxyHeader header) {
        ctx.fireChannelRead(Unpooled.wrappedBuffer(header.encode().getBytes()));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            if (isBalancer) {
                takeHeader(ctx, in);
            } else {
                refuseHeader(ctx, in);
            }
        } catch (FaultException refusal) {
            refuse(ctx, peer, refusal);
        }
    }

    private void takeHeader(ChannelHandlerContext ctx, ByteBuf in) {
        int length = ProxyHeader.length(peek(in, ProxyHeader.TELLING_BYTES), config.textHeader())
                .orElse(Integer.MAX_VALUE);
        if (in.readableBytes() < length) {
            return;
        }
        var header = ProxyHeader.parse(peek(in, length));
        in.skipBytes(length);
        var client = header.client().map(named -> named.getAddress().getHostAddress());
        var full = client.flatMap(entrance::entersBehindBalancer);
        if (full.isPresent()) {
            refuse(ctx, client.get(), full.get());
            return;
        }
        client.ifPresent(
                address -> ctx.channel().closeFuture().addListener(end -> entrance.leftBehindBalancer(address)));
        goOn(ctx, header);
        ctx.pipeline().remove(this);
    }

    private void refuseHeader(ChannelHandlerContext ctx, ByteBuf in) {
        var first = peek(in, ProxyHeader.START_BYTES);
        if (ProxyHeader.begins(first)) {
            throw Fault.FORBIDDEN.because("a PROXY header from an address that is not one of proxy-protocol.addresses");
        }
        if (!ProxyHeader.mayBegin(first)) {
            ctx.pipeline().remove(this);
        }
    }

    private static Buffer peek(ByteBuf in, int most) {
        var bytes = new byte[Math.min(most, in.readableBytes())];
        in.getBytes(in.readerIndex(), bytes);
        return Buffer.buffer(bytes);
    }

    private void refuse(ChannelHandlerContext ctx, String address, FaultException why) {
        refused = true;
        entrance.refused(address, why);
        ctx.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (late != null) {
            late.cancel(false);
        }
    }
}

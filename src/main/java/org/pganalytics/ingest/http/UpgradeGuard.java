package org.pganalytics.ingest.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;

/**
 * Lets some requests stay on HTTP/1.1 when they ask to change to HTTP/2, as RFC 9110 (7.8) allows a server: those with a
 * body, and all that come through a balancer. HTTP/2 without asking first is not touched.
 *
 * <p>Vert.x answers 101 at once. Clients such as curl then leave off in the middle of the body, or never begin it when
 * they wait for 100, and both sides wait for the other. A balancer that passes the question on becomes a tunnel, in which
 * a client could say of itself what is the balancer's to say. On the event loop of its connection.
 */
final class UpgradeGuard extends ChannelInboundHandlerAdapter {
    private static final String DECODER = "httpDecoder";
    /** So many bytes tell HTTP/2 from HTTP/1.1: the length of HTTP/2's preface. */
    private static final int TELLING_BYTES = 24;

    private final boolean isBalancer;
    private int passed;

    private UpgradeGuard(boolean isBalancer) {
        this.isBalancer = isBalancer;
    }

    /** @param isBalancer whether the peer speaks for others */
    static void guard(Channel connection, boolean isBalancer) {
        connection.pipeline().addFirst(new UpgradeGuard(isBalancer));
    }

    /** A PROXY header, which comes in one piece, is none of HTTP's. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (ctx.pipeline().get(HAProxyMessageDecoder.class) != null) {
            ctx.fireChannelRead(message);
        } else {
            begins(ctx, (ByteBuf) message);
        }
    }

    /** Byte by byte, until Vert.x has chosen its decoder: behind that one the requests can be seen. */
    private void begins(ChannelHandlerContext ctx, ByteBuf bytes) {
        var pipeline = ctx.pipeline();
        while (bytes.isReadable() && passed < TELLING_BYTES && pipeline.get(DECODER) == null) {
            passed++;
            ctx.fireChannelRead(bytes.readRetainedSlice(1));
        }
        boolean http1 = pipeline.get(DECODER) != null;
        if (http1) {
            pipeline.addAfter(DECODER, null, new FirstRequest(isBalancer));
        }
        if (http1 || passed == TELLING_BYTES) {
            pipeline.remove(this);
        }
        if (bytes.isReadable()) {
            ctx.fireChannelRead(bytes);
        } else {
            bytes.release();
        }
    }

    /** Only the first request of a connection may change it. */
    private static final class FirstRequest extends ChannelInboundHandlerAdapter {
        private final boolean isBalancer;

        FirstRequest(boolean isBalancer) {
            this.isBalancer = isBalancer;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request) {
                if (isBalancer || hasBody(request)) {
                    request.headers().remove(HttpHeaderNames.UPGRADE).remove("HTTP2-Settings");
                }
                ctx.pipeline().remove(this);
            }
            ctx.fireChannelRead(message);
        }

        /** A length that is none is for Vert.x to refuse. */
        private static boolean hasBody(HttpRequest request) {
            var length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
            return HttpUtil.isTransferEncodingChunked(request) || length != null && !length.equals("0");
        }
    }
}

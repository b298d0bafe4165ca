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
 * Lets a request with a body stay on HTTP/1.1 when it asks to change to HTTP/2, as RFC 9110 (7.8) allows a server.
 *
 * <p>Vert.x answers 101 at once. Clients such as curl then leave off in the middle of the body, or never begin it when
 * they wait for 100, and both sides wait for the other. Requests without a body, and HTTP/2 without asking first, are
 * not touched. On the event loop of its connection.
 */
final class BodyBeforeUpgrade extends ChannelInboundHandlerAdapter {
    private static final String DECODER = "httpDecoder";
    /** So many bytes tell HTTP/2 from HTTP/1.1: the length of HTTP/2's preface. */
    private static final int TELLING_BYTES = 24;

    private int passed;

    private BodyBeforeUpgrade() {}

    static void guard(Channel connection) {
        connection.pipeline().addFirst(new BodyBeforeUpgrade());
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
            pipeline.addAfter(DECODER, null, new FirstRequest());
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
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request) {
                if (hasBody(request)) {
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

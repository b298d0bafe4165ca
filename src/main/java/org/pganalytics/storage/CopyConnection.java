package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * COPY … FROM STDIN over a leased connection of a vertx-pg-client pool, which knows no COPY itself.
 *
 * <p>While a COPY runs, a handler before the driver's codec speaks with the server; the driver sees nothing of it, so
 * nothing else may be asked of the connection meanwhile, and the driver's own transaction would "commit" a failed COPY.
 * Therefore the future of {@link #copy} alone decides. When it fails with a {@link PgException}, the connection waits in a
 * failed transaction for its ROLLBACK; any other failure leaves the connection closed.
 */
final class CopyConnection {
    private static final int CHUNK_BYTES = 64 << 10;
    /** What the server says in a COPY is short; something longer is not its protocol. */
    private static final int MESSAGE_BYTES_MAX = 1 << 20;

    private static final String DRIVERS_CODEC = "codec";

    private final Channel channel;

    private CopyConnection(Channel channel) {
        this.channel = channel;
    }

    /** @param connection leased from a pool (never of a pipelining client), within a transaction */
    static CopyConnection of(SqlConnection connection) {
        var inner = ((SqlConnectionInternal) connection).unwrap();
        while (!(inner instanceof SocketConnectionBase)) {
            inner = inner.unwrap();
        }
        var socket = ((SocketConnectionBase) inner).socket();
        return new CopyConnection(socket.channelHandlerContext().channel());
    }

    /** Cuts the connection at once, also when the server no longer answers. Completes when it is closed, always. */
    Future<Void> cut() {
        Promise<Void> closed = Promise.promise();
        channel.closeFuture().addListener(done -> closed.complete());
        // From the first handler outwards: the socket's own handler would wait for what is still to be written.
        var outermost = channel.pipeline().firstContext();
        if (outermost != null) {
            var unused = outermost.close(); // closeFuture tells
        }
        return closed.future();
    }

    /**
     * Completes, on the connection's event loop, when the server has taken all rows into the open transaction.
     *
     * @param parts what is sent, header and trailer included; the caller keeps and releases them
     * @param rows how many the server must say it took
     */
    Future<Void> copy(String sql, List<ByteBuf> parts, long rows) {
        Promise<Void> promise = Promise.promise();
        var all = Unpooled.compositeBuffer(Math.max(16, parts.size()));
        parts.forEach(part -> all.addComponent(true, part.retainedDuplicate()));
        channel.eventLoop().execute(() -> start(new Exchange(sql, all, rows, promise)));
        return promise.future();
    }

    private void start(Exchange exchange) {
        if (channel.isActive() && channel.pipeline().get(DRIVERS_CODEC) != null) {
            channel.pipeline().addBefore(DRIVERS_CODEC, "copy", exchange);
        } else {
            exchange.data.release();
            exchange.promise.tryFail(ClosedConnectionException.INSTANCE);
        }
    }

    /** One COPY, from the query to ReadyForQuery. */
    private static final class Exchange extends ByteToMessageDecoder {
        private final String sql;
        private final CompositeByteBuf data;
        private final long rows;
        private final Promise<Void> promise;

        private boolean streaming;
        private boolean sent;
        private long copied = -1;
        private PgException error;
        private boolean over;

        Exchange(String sql, CompositeByteBuf data, long rows, Promise<Void> promise) {
            this.sql = sql;
            this.data = data;
            this.rows = rows;
            this.promise = promise;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            var text = sql.getBytes(StandardCharsets.UTF_8);
            write(
                    ctx,
                    ctx.alloc()
                            .directBuffer(text.length + 6)
                            .writeByte('Q')
                            .writeInt(text.length + 5)
                            .writeBytes(text)
                            .writeByte(0));
            ctx.flush();
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (over) {
                in.skipBytes(in.readableBytes());
                return;
            }
            if (in.readableBytes() < 5) {
                return;
            }
            int length = in.getInt(in.readerIndex() + 1);
            if (length < 4 || length > MESSAGE_BYTES_MAX) {
                in.skipBytes(in.readableBytes());
                doubt(ctx, "a message of %d bytes in a COPY".formatted(length));
                return;
            }
            if (in.readableBytes() <= length) {
                return;
            }
            var message = in.readSlice(length + 1);
            byte type = message.getByte(message.readerIndex());
            if (type == 'N' || type == 'A') {
                // Notices and notifications are for the driver's listeners.
                out.add(message.retainedDuplicate());
            } else {
                take(ctx, type, message.skipBytes(5));
            }
        }

        private void take(ChannelHandlerContext ctx, byte type, ByteBuf body) {
            switch (type) {
                case 'G' -> begin(ctx, body);
                case 'C' -> copied = count(body);
                case 'E' -> fail(body);
                case 'Z' -> end(ctx, body);
                case 'S' -> {
                    // The driver's decoder breaks on a parameter status that belongs to no command of its own.
                }
                default -> doubt(ctx, "message '%c' in a COPY".formatted((char) type));
            }
        }

        private void begin(ChannelHandlerContext ctx, ByteBuf body) {
            if (streaming || error != null || !body.isReadable() || body.readByte() != 1) {
                doubt(ctx, "CopyInResponse out of turn or not binary");
                return;
            }
            streaming = true;
            pump(ctx);
        }

        /** Sends as much as the socket takes at the moment. */
        private void pump(ChannelHandlerContext ctx) {
            if (!streaming || sent || error != null) {
                return;
            }
            while (data.isReadable() && ctx.channel().isWritable()) {
                int length = Math.min(CHUNK_BYTES, data.readableBytes());
                write(ctx, ctx.alloc().directBuffer(5).writeByte('d').writeInt(length + 4));
                write(ctx, data.readRetainedSlice(length));
            }
            if (!data.isReadable() && !sent) {
                sent = true;
                write(ctx, ctx.alloc().directBuffer(5).writeByte('c').writeInt(4));
            }
            ctx.flush();
        }

        /** Nobody waits for one message: when it cannot be written the connection closes, and that is heard. */
        private static void write(ChannelHandlerContext ctx, ByteBuf message) {
            var unused = ctx.write(message);
        }

        private static long count(ByteBuf body) {
            var tag =
                    body.toString(body.readerIndex(), Math.max(0, body.readableBytes() - 1), StandardCharsets.US_ASCII);
            return tag.matches("COPY \\d{1,18}") ? Long.parseLong(tag.substring(5)) : -1;
        }

        private void fail(ByteBuf body) {
            String severity = "";
            String state = "";
            String message = "";
            String where = "";
            while (body.isReadable()) {
                byte field = body.readByte();
                int length = body.bytesBefore((byte) 0);
                if (field == 0 || length < 0) {
                    break;
                }
                var text = body.readCharSequence(length, StandardCharsets.UTF_8).toString();
                body.skipBytes(1);
                switch (field) {
                    case 'S' -> severity = text;
                    case 'C' -> state = text;
                    case 'M' -> message = text;
                    case 'W' -> where = text;
                    default -> {
                        // Nobody asks for the rest.
                    }
                }
            }
            error = new PgException(message, severity, state, where);
        }

        private void end(ChannelHandlerContext ctx, ByteBuf body) {
            byte status = body.isReadable() ? body.readByte() : 0;
            if (error != null && status == 'E') {
                over = true;
                ctx.pipeline().remove(this);
                promise.tryFail(error);
            } else if (error == null && sent && copied == rows && status == 'T') {
                over = true;
                ctx.pipeline().remove(this);
                promise.tryComplete();
            } else {
                doubt(ctx, "COPY ended with %d of %d rows and status %d".formatted(copied, rows, status));
            }
        }

        private void doubt(ChannelHandlerContext ctx, String why) {
            over = true;
            var unused = ctx.close(); // channelInactive tells
            promise.tryFail(new IllegalStateException(why));
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
            if (!over) {
                pump(ctx);
            }
            super.channelWritabilityChanged(ctx);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            over = true;
            promise.tryFail(error == null ? ClosedConnectionException.INSTANCE : error);
            super.channelInactive(ctx);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
            doubt(ctx, "the socket failed in a COPY: " + cause.getMessage());
            super.exceptionCaught(ctx, cause);
        }

        @Override
        protected void handlerRemoved0(ChannelHandlerContext ctx) {
            data.release();
        }
    }
}

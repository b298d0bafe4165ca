package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * A row of COPYs, from the first one's query to the last one's ReadyForQuery. Nothing is waited for before the end: a COPY's
 * rows follow its query, and the next query follows them, so that many small COPYs take one round trip. A server that
 * refuses one skips the rows that it is sent nevertheless and refuses those after it, for the transaction has failed.
 */
final class CopyExchange extends ByteToMessageDecoder {
    private static final int CHUNK_BYTES = 64 << 10;
    /** What the server says in a COPY is short; something longer is not its protocol. */
    private static final int MESSAGE_BYTES_MAX = 1 << 20;

    private final Promise<Void> promise;

    /** Not asked for yet, or not sent to their end. */
    private final Queue<Copy> unsent;

    /** Asked for, and not answered to the end; none, and all is over. */
    private final Queue<Copy> unanswered = new ArrayDeque<>();

    /** What is left of the rows of the last one asked for, the first one unsent; null while there is no such one. */
    private ByteBuf data;

    /** While messages are written: one that fills the socket tells so at once, in the midst of what it belongs to. */
    private boolean writing;

    private boolean begun;
    private long copied = -1;
    private PgException error;
    private boolean over;

    CopyExchange(List<Copy> copies, Promise<Void> promise) {
        this.unsent = new ArrayDeque<>(copies);
        this.promise = promise;
        copies.forEach(copy -> copy.parts().forEach(ByteBuf::retain));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        pump(ctx);
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
            case 'E' -> error = error == null ? error(body) : error;
            case 'Z' -> end(ctx, body);
            case 'S' -> {
                // The driver's decoder breaks on a parameter status that belongs to no command of its own.
            }
            default -> doubt(ctx, "message '%c' in a COPY".formatted((char) type));
        }
    }

    private void begin(ChannelHandlerContext ctx, ByteBuf body) {
        if (begun || error != null || !body.isReadable() || body.readByte() != 1) {
            doubt(ctx, "CopyInResponse out of turn or not binary");
        } else {
            begun = true;
        }
    }

    /** Sends as much as the socket takes at the moment; no more once the server refuses. */
    private void pump(ChannelHandlerContext ctx) {
        if (writing) {
            return;
        }
        writing = true;
        while (error == null && !unsent.isEmpty() && ctx.channel().isWritable()) {
            if (data == null) {
                ask(ctx, unsent.peek());
            } else if (data.isReadable()) {
                int length = Math.min(CHUNK_BYTES, data.readableBytes());
                write(ctx, ctx.alloc().directBuffer(5).writeByte('d').writeInt(length + 4));
                write(ctx, data.readRetainedSlice(length));
            } else {
                write(ctx, ctx.alloc().directBuffer(5).writeByte('c').writeInt(4));
                unsent.remove();
                data.release();
                data = null;
            }
        }
        writing = false;
        ctx.flush();
    }

    private void ask(ChannelHandlerContext ctx, Copy copy) {
        unanswered.add(copy);
        data = Unpooled.wrappedBuffer(copy.parts().toArray(ByteBuf[]::new));
        int length = ByteBufUtil.utf8Bytes(copy.sql());
        var query = ctx.alloc().directBuffer(length + 6).writeByte('Q').writeInt(length + 5);
        ByteBufUtil.writeUtf8(query, copy.sql());
        write(ctx, query.writeByte(0));
    }

    /** Nobody waits for one message: when it cannot be written the connection closes, and that is heard. */
    private static void write(ChannelHandlerContext ctx, ByteBuf message) {
        var unused = ctx.write(message);
    }

    private static long count(ByteBuf body) {
        var tag = body.toString(body.readerIndex(), Math.max(0, body.readableBytes() - 1), StandardCharsets.US_ASCII);
        return tag.matches("COPY \\d{1,18}") ? Long.parseLong(tag.substring(5)) : -1;
    }

    private static PgException error(ByteBuf body) {
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
        return new PgException(message, severity, state, where);
    }

    /** One COPY is through. Those that were asked for after one that failed are refused as well, each by itself. */
    private void end(ChannelHandlerContext ctx, ByteBuf body) {
        byte status = body.readByte();
        var copy = unanswered.poll();
        boolean refused = error != null && status == 'E';
        if (copy == null || !refused && !isTaken(copy, status)) {
            doubt(ctx, "COPY ended with %d rows and status %d".formatted(copied, status));
            return;
        }
        begun = false;
        copied = -1;
        if (unanswered.isEmpty() && (refused || unsent.isEmpty())) {
            leave(ctx);
        }
    }

    private boolean isTaken(Copy copy, byte status) {
        boolean sent = data == null || !unanswered.isEmpty();
        return error == null && begun && sent && copied == copy.rows() && status == 'T';
    }

    private void leave(ChannelHandlerContext ctx) {
        over = true;
        ctx.pipeline().remove(this);
        if (error == null) {
            promise.tryComplete();
        } else {
            promise.tryFail(error);
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
        release();
        if (!over) {
            doubt(ctx, "a COPY was broken off");
        }
    }

    /** Lets go of what is not sent; what is on its way holds its own part. */
    void release() {
        if (data != null) {
            data.release();
            unsent.remove();
            data = null;
        }
        unsent.forEach(copy -> copy.parts().forEach(ByteBuf::release));
        unsent.clear();
    }
}

package org.pganalytics.perf;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Function;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;

/** A server's side of one connection, which answers batches late, or with what it is told to. */
final class ScriptedDoor implements AutoCloseable {
    private final FrameCodec codec = new FrameCodec(1 << 26);
    private final ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Queue<Reply> replies;

    /** @param of the answer to a batch; null closes the connection */
    record Reply(long afterMillis, Function<Frame.BatchFrame, Frame> of) {}

    /** @param replies to the first batches; those after them are acknowledged at once */
    ScriptedDoor(Queue<Reply> replies) throws IOException {
        this.replies = replies;
        var thread = new Thread(this::serve, "door");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return door.getLocalPort();
    }

    static Frame ack(Frame.BatchFrame batch) {
        return new Frame.Ack(1, batch.header().position().sequence(), 4);
    }

    private void serve() {
        try (var socket = door.accept()) {
            socket.getInputStream().readNBytes(Preface.BYTES);
            socket.getOutputStream().write(Preface.answer(Preface.VERSION).getBytes());
            var frames = new FrameReader(codec);
            var bytes = new byte[1 << 16];
            for (int length = 0; length >= 0; length = socket.getInputStream().read(bytes)) {
                frames.add(Buffer.buffer(length).appendBytes(bytes, 0, length));
                for (var frame = frames.next(); frame.isPresent(); frame = frames.next()) {
                    if (!answer(frame.get(), socket)) {
                        return;
                    }
                }
            }
        } catch (IOException closed) {
            // By the test, which has seen what it wanted.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether the connection goes on */
    private boolean answer(Frame frame, Socket socket) throws IOException, InterruptedException {
        if (frame instanceof Frame.Register) {
            write(new Frame.Registered(UUID.randomUUID(), "token", "refresh", 3_600_000), socket);
        } else if (frame instanceof Frame.Hello) {
            write(new Frame.Welcome(UUID.randomUUID(), 1, 0, 4, 1 << 24, 1 << 26, 30_000, 0), socket);
        } else if (frame instanceof Frame.BatchFrame batch) {
            var reply = replies.isEmpty() ? new Reply(0, ScriptedDoor::ack) : replies.remove();
            Thread.sleep(reply.afterMillis());
            var answer = reply.of().apply(batch);
            if (answer == null) {
                return false;
            }
            write(answer, socket);
        }
        return true;
    }

    private void write(Frame frame, Socket socket) throws IOException {
        socket.getOutputStream().write(codec.encode(frame).getBytes());
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}

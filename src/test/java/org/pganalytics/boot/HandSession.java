package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;

/** A session over TCP, one frame after the other; blocking, and up to a minute for each answer. */
final class HandSession implements AutoCloseable {
    private final Socket socket;
    private final FrameReader frames = new FrameReader(HandCollector.CODEC);

    private HandSession(Socket socket) {
        this.socket = socket;
    }

    /** Connects and is welcomed. */
    static HandSession open(Program server, HandCollector collector) throws IOException {
        var session = new HandSession(new Socket("127.0.0.1", server.port("tcp")));
        session.socket.setSoTimeout(60_000);
        session.socket.getOutputStream().write(Preface.ours().encode().getBytes());
        session.write(collector.hello());
        assertEquals(Preface.BYTES, session.socket.getInputStream().readNBytes(Preface.BYTES).length);
        assertInstanceOf(Frame.Welcome.class, session.read());
        return session;
    }

    void write(Frame frame) throws IOException {
        socket.getOutputStream().write(HandCollector.CODEC.encode(frame).getBytes());
    }

    /** The next frame that is no PING. */
    Frame read() throws IOException {
        var frame = frames.next();
        var bytes = new byte[4096];
        while (frame.isEmpty()) {
            int count = socket.getInputStream().read(bytes);
            assertTrue(count > 0, "the server closed without a word");
            frames.add(Buffer.buffer(Arrays.copyOf(bytes, count)));
            frame = frames.next();
        }
        return frame.get() instanceof Frame.Ping ? read() : frame.get();
    }

    /** Whether the server closed it, and said no more. */
    boolean isEnded() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

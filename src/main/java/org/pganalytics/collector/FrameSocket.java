package org.pganalytics.collector;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;

/** A client's socket that speaks frames: says the preface first, then cuts what comes into frames. */
final class FrameSocket {
    private final NetSocket socket;
    private final Consumer<Frame> onFrame;
    private final Consumer<Throwable> onEnd;
    private final FrameReader reader = new FrameReader(new FrameCodec(FrameCodec.CONTROL_BYTES_MAX));
    private final FrameCodec writer = new FrameCodec(FrameCodec.PAYLOAD_BYTES_MAX);
    private Buffer preface = Buffer.buffer(Preface.BYTES);
    private boolean prefaced;
    private boolean closed;
    private long heardAtNanos = System.nanoTime();

    /** @param onEnd told once when the peer closes, the network fails, or what came breaks the protocol */
    FrameSocket(NetSocket socket, Consumer<Frame> onFrame, Consumer<Throwable> onEnd) {
        this.socket = socket;
        this.onFrame = onFrame;
        this.onEnd = onEnd;
        socket.handler(this::received);
        socket.exceptionHandler(this::broken);
        socket.closeHandler(gone -> broken(new IllegalStateException("the connection was cut")));
        socket.write(Preface.ours().encode());
    }

    void write(Frame frame) {
        if (!closed) {
            socket.write(writer.encode(frame));
        }
    }

    boolean isWritable() {
        return !socket.writeQueueFull();
    }

    void onWritable(Runnable handler) {
        socket.drainHandler(drained -> handler.run());
    }

    long heardAtNanos() {
        return heardAtNanos;
    }

    void close() {
        closed = true;
        socket.close();
    }

    private void received(Buffer bytes) {
        heardAtNanos = System.nanoTime();
        try {
            var frames = prefaced ? bytes : afterPreface(bytes);
            if (prefaced) {
                reader.add(frames);
                takeFrames();
            }
        } catch (RuntimeException failure) {
            broken(failure);
        }
    }

    private void takeFrames() {
        for (var frame = reader.next(); frame.isPresent() && !closed; frame = reader.next()) {
            onFrame.accept(frame.get());
        }
    }

    private Buffer afterPreface(Buffer bytes) {
        preface.appendBuffer(bytes);
        if (preface.length() < Preface.BYTES) {
            return preface;
        }
        prefaced = true;
        if (Preface.parseAnswer(preface.getBuffer(0, Preface.BYTES)) != Preface.VERSION) {
            throw Fault.UNSUPPORTED_VERSION.because("the server speaks no version that this collector speaks");
        }
        return preface.getBuffer(Preface.BYTES, preface.length());
    }

    private void broken(Throwable failure) {
        if (!closed) {
            close();
            onEnd.accept(failure);
        }
    }
}

package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.pganalytics.ingest.TestHouse.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;

/** Speaks the native protocol by hand, one frame after the other. */
final class NativeClient {
    static final FrameCodec CODEC = new FrameCodec(17 << 20);

    final NetSocket socket;
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    private final FrameReader reader = new FrameReader(CODEC);
    private Buffer first = Buffer.buffer();

    /** Kept, since Vert.x closes a client's sockets once the client is garbage. */
    private final NetClient owner;

    private NativeClient(NetClient owner, NetSocket socket) {
        this.owner = owner;
        this.socket = socket;
        socket.closeHandler(end -> closed.complete(null));
        socket.exceptionHandler(broken -> {});
        socket.handler(this::read);
    }

    static NativeClient connect(Vertx vertx, int port, NetClientOptions options) throws Exception {
        return connect(vertx.createNetClient(options), port);
    }

    static NativeClient connect(NetClient owner, int port) throws Exception {
        return await(owner.connect(port, "127.0.0.1").map(socket -> new NativeClient(owner, socket)));
    }

    static NativeClient connect(Vertx vertx, int port) throws Exception {
        return connect(vertx, port, new NetClientOptions());
    }

    /** Connects and is welcomed. */
    static NativeClient session(Vertx vertx, int port, UUID collector, UUID instance) throws Exception {
        var client = connect(vertx, port);
        client.write(Preface.ours().encode());
        client.hello(collector, instance);
        client.expect(Frame.Welcome.class);
        client.write(new Frame.Schema(SomeBatches.SCHEMA));
        return client;
    }

    private void read(Buffer bytes) {
        if (first.length() < Preface.BYTES) {
            int missing = Math.min(Preface.BYTES - first.length(), bytes.length());
            first.appendBuffer(bytes, 0, missing);
            bytes = bytes.slice(missing, bytes.length());
        }
        reader.add(bytes);
        for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
            frames.add(frame.get());
        }
    }

    void hello(UUID collector, UUID instance) {
        write(new Frame.Hello(
                FakeDoorkeeper.token(collector), "test 1", instance, Set.of(), System.currentTimeMillis() * 1_000));
    }

    void write(Frame frame) {
        socket.write(CODEC.encode(frame));
    }

    void write(Buffer bytes) {
        socket.write(bytes);
    }

    <F extends Frame> F expect(Class<F> type) throws Exception {
        var frame = frames.poll(10, TimeUnit.SECONDS);
        assertNotNull(frame, "no " + type.getSimpleName() + " came");
        return assertInstanceOf(type, frame);
    }

    /** Reads on until an ACK for this number or a later one. */
    void expectAcks(long upTo) throws Exception {
        while (expect(Frame.Ack.class).sequence() < upTo) {
            assertNotNull(frames, "more acks are to come");
        }
    }

    /** What came until now, or within the milliseconds. */
    Frame poll(long millis) throws Exception {
        return frames.poll(millis, TimeUnit.MILLISECONDS);
    }

    void expectClosed() throws Exception {
        closed.get(10, TimeUnit.SECONDS);
    }

    /** Another connection of the same client. */
    NativeClient another(int port) throws Exception {
        return connect(owner, port);
    }

    Buffer prefaceAnswer() {
        return first;
    }
}

package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Digest;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;

/** A server's side of the protocol on a real socket, with a ledger in memory and accidents on demand. */
final class FakeServer implements AutoCloseable {
    /** Frames that arrived, of all connections, in order. */
    final List<Frame> seen = new CopyOnWriteArrayList<>();
    /** What was settled, by epoch and number. */
    final Map<String, Digest> stored = new ConcurrentHashMap<>();

    final Map<UUID, Integer> epochs = new HashMap<>();
    final Map<Integer, Long> marks = new ConcurrentHashMap<>();
    volatile String token = "token-1";
    volatile long tokenLifetimeMillis = 3_600_000;
    volatile int window = 4;
    /** Answers in place of the ledger; null lets the ledger answer. */
    volatile Function<Frame, List<Frame>> script = frame -> null;
    /** After so many frames in all, the connection is cut, once; negative: never. */
    volatile int cutAfter = -1;

    volatile int connections;
    private final NetServer server;
    private final List<NetSocket> sockets = new CopyOnWriteArrayList<>();
    private final FrameCodec codec = new FrameCodec(1 << 26);

    private FakeServer(NetServer server) {
        this.server = server;
    }

    static FakeServer start(Vertx vertx) {
        var net = vertx.createNetServer();
        var fake = new FakeServer(net);
        net.connectHandler(fake::open);
        Waiting.on(net.listen(0, "127.0.0.1"));
        return fake;
    }

    int port() {
        return server.actualPort();
    }

    long mark() {
        return marks.values().stream().mapToLong(mark -> mark).max().orElse(0);
    }

    private void open(NetSocket socket) {
        connections++;
        sockets.add(socket);
        var session = new Session(socket);
        socket.handler(session::received);
        socket.closeHandler(closed -> sockets.remove(socket));
    }

    void say(Frame frame) {
        sockets.forEach(socket -> socket.write(codec.encode(frame)));
    }

    List<Frame.BatchFrame> batches() {
        return seen.stream()
                .filter(Frame.BatchFrame.class::isInstance)
                .map(Frame.BatchFrame.class::cast)
                .toList();
    }

    /** One connection. */
    private final class Session {
        private final NetSocket socket;
        private final FrameReader reader = new FrameReader(codec);
        private final Set<Long> schemas = ConcurrentHashMap.newKeySet();
        private Buffer preface = Buffer.buffer();
        private boolean prefaced;
        private boolean discarding;
        private int epoch;

        Session(NetSocket socket) {
            this.socket = socket;
        }

        void received(Buffer bytes) {
            var rest = bytes;
            if (!prefaced) {
                preface.appendBuffer(bytes);
                if (preface.length() < Preface.BYTES) {
                    return;
                }
                prefaced = true;
                socket.write(Preface.answer(Preface.parse(preface).choose()));
                rest = preface.getBuffer(Preface.BYTES, preface.length());
            }
            reader.add(rest);
            for (var frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                take(frame.get());
            }
        }

        private void take(Frame frame) {
            seen.add(frame);
            if (cutAfter >= 0 && seen.size() > cutAfter) {
                cutAfter = -1;
                socket.close();
                return;
            }
            var scripted = script.apply(frame);
            if (scripted != null) {
                scripted.forEach(this::write);
            } else {
                answer(frame);
            }
        }

        private void write(Frame frame) {
            socket.write(codec.encode(frame));
            if (frame instanceof Frame.GoAway) {
                socket.close();
            }
        }

        private void answer(Frame frame) {
            if (frame instanceof Frame.Register) {
                write(new Frame.Registered(UUID.randomUUID(), token, "refresh", tokenLifetimeMillis));
            } else if (frame instanceof Frame.Token) {
                write(new Frame.TokenGranted(token, "refresh-next", tokenLifetimeMillis));
            } else if (frame instanceof Frame.Hello hello) {
                welcome(hello);
            } else if (frame instanceof Frame.Schema schema) {
                schemas.add(schema.schema().fingerprint());
            } else if (frame instanceof Frame.BatchFrame batch) {
                settle(batch);
            } else if (frame instanceof Frame.Ping ping) {
                write(new Frame.Pong(ping.nonce()));
            }
        }

        private void welcome(Frame.Hello hello) {
            if (!hello.token().equals(token)) {
                write(new Frame.GoAway(Fault.UNAUTHENTICATED, 0, "an old token"));
                return;
            }
            epoch = epochs.computeIfAbsent(hello.instance(), unseen -> epochs.size() + 1);
            long mark = marks.getOrDefault(epoch, 0L);
            write(new Frame.Welcome(
                    UUID.randomUUID(), epoch, mark, window, 1 << 24, 1 << 26, 30_000, hello.clockMicros()));
        }

        private void settle(Frame.BatchFrame batch) {
            var position = batch.header().position();
            long mark = marks.getOrDefault(epoch, 0L);
            if (position.sequence() <= mark) {
                write(new Frame.Ack(epoch, mark, window));
            } else if (position.coversFrom() > mark + 1) {
                if (!discarding) {
                    write(new Frame.Nack(epoch, position.sequence(), Fault.POSITION_GAP, 0, mark + 1, "gap"));
                }
                discarding = true;
            } else {
                discarding = false;
                if (stored.put(epoch + ":" + position.sequence(), batch.header().digest()) != null) {
                    throw new IllegalStateException("settled twice: " + position);
                }
                marks.put(epoch, position.sequence());
                write(new Frame.Ack(epoch, position.sequence(), window));
            }
        }
    }

    Future<Void> stop() {
        sockets.forEach(NetSocket::close);
        return server.close();
    }

    @Override
    public void close() {
        Waiting.on(stop());
    }
}

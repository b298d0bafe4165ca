package org.pganalytics.perf;

import io.vertx.core.buffer.Buffer;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.EncodedBody;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;

/** A collector's connection that sends bodies encoded before, each under the next number. Blocking, for one thread. */
final class NativeSession implements AutoCloseable {
    private static final FrameCodec CODEC = new FrameCodec(65 << 20);
    private static final int READ_BYTES = 1 << 10;

    private static final int SILENCE_MILLIS = 60_000;

    private final Socket socket;
    private final FrameReader frames = new FrameReader(CODEC);
    private Identity identity;
    private int epoch;
    private long sent;
    private long settled;
    private int window;
    private int throttles;

    /** The server does not take a batch, for now or for ever. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        private final long retryAfterMillis;

        Refused(Frame.Nack nack) {
            super("the server answers " + nack);
            retryAfterMillis = nack.retryAfterMillis();
        }

        long retryAfterMillis() {
            return retryAfterMillis;
        }
    }

    /** Who a collector is to the server. */
    record Identity(String token, UUID instance) {
        /** Never the token. */
        @Override
        public String toString() {
            return "Identity[instance=" + instance + "]";
        }
    }

    /** Takes the connection over. */
    private NativeSession(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(SILENCE_MILLIS);
        write(Preface.ours().encode());
        var answer = socket.getInputStream().readNBytes(Preface.BYTES);
        if (Preface.parseAnswer(Buffer.buffer(answer)) == Preface.NO_VERSION) {
            throw new IOException("no version in common");
        }
    }

    /** Registers a collector of this name, and is welcomed. */
    static NativeSession registered(Socket socket, String name) throws IOException {
        try {
            var session = new NativeSession(socket);
            session.write(new Frame.Register(ServerProcess.SECRET, name, "bench"));
            var answer = session.expect(Frame.Registered.class);
            session.signIn(new Identity(answer.token(), UUID.randomUUID()));
            return session;
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }

    /** A collector that has registered before. */
    static NativeSession known(Socket socket, Identity identity) throws IOException {
        var session = new NativeSession(socket);
        session.signIn(identity);
        return session;
    }

    private void signIn(Identity as) throws IOException {
        identity = as;
        write(new Frame.Hello(as.token(), "bench", as.instance(), Set.of(), System.currentTimeMillis() * 1_000));
        var welcome = expect(Frame.Welcome.class);
        epoch = welcome.epoch();
        sent = welcome.mark();
        settled = sent;
        window = welcome.window();
    }

    private <F extends Frame> F expect(Class<F> type) throws IOException {
        var frame = read();
        if (!type.isInstance(frame)) {
            throw new IOException("the server answers " + frame);
        }
        return type.cast(frame);
    }

    Identity identity() {
        return identity;
    }

    void declare(FamilySchema schema) throws IOException {
        write(new Frame.Schema(schema));
    }

    /** @param most batches that are to be unanswered, even where the server allows more */
    boolean mayNotSend(int most) {
        return unanswered() >= Math.min(window, most);
    }

    /** How often the server has changed how much may be unanswered. */
    int throttles() {
        return throttles;
    }

    long unanswered() {
        return sent - settled;
    }

    void send(EncodedBody body) throws IOException {
        sent++;
        var header = new BatchHeader(
                new BatchPosition(epoch, sent, sent), body.digest(), body.uncompressedBytes(), List.of());
        write(new Frame.BatchFrame(header, body.compressed()));
    }

    /** Waits for the next answer; any that is not an ack means that nothing was measured. */
    void awaitAnswer() throws IOException {
        take(read());
    }

    private void take(Frame frame) throws IOException {
        if (frame instanceof Frame.Ack ack) {
            settled = ack.sequence();
            window = ack.window();
        } else if (frame instanceof Frame.Throttle throttle) {
            window = throttle.window();
            throttles++;
        } else if (frame instanceof Frame.Nack nack) {
            sent = settled;
            throw new Refused(nack);
        } else if (frame instanceof Frame.Ping ping) {
            write(new Frame.Pong(ping.nonce()));
        } else if (!(frame instanceof Frame.ConfigChanged)) {
            throw new IOException("the server answers " + frame);
        }
    }

    /** Takes the answers that are there already, without waiting for one, or for the rest of one. */
    void takeArrived() throws IOException {
        while (socket.getInputStream().available() > 0) {
            readMore();
        }
        for (var next = frames.next(); next.isPresent(); next = frames.next()) {
            take(next.get());
        }
    }

    /** Whether the server has closed the connection, which only reading tells; takes a moment. */
    boolean isClosed() throws IOException {
        socket.setSoTimeout(1);
        try {
            readMore();
            return false;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (EOFException closed) {
            return true;
        } finally {
            socket.setSoTimeout(SILENCE_MILLIS);
        }
    }

    private Frame read() throws IOException {
        for (var next = frames.next(); ; next = frames.next()) {
            if (next.isPresent()) {
                return next.get();
            }
            readMore();
        }
    }

    private void readMore() throws IOException {
        var bytes = new byte[READ_BYTES];
        int length = socket.getInputStream().read(bytes);
        if (length < 0) {
            throw new EOFException("the server has closed the connection");
        }
        frames.add(Buffer.buffer(length).appendBytes(bytes, 0, length));
    }

    private void write(Frame frame) throws IOException {
        write(CODEC.encode(frame));
    }

    private void write(Buffer bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
